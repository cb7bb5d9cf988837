import type { Action } from '../core/decision.ts';
import type { RunOutcome } from '../workflows/contract.ts';

/** How an outcome is said and drawn. `shape` is an SVG path within ±1 around the origin. */
export interface OutcomeMark {
  readonly words: string;
  readonly tone: 'neutral' | 'good' | 'warn' | 'bad';
  readonly shape: string;
}

const CIRCLE = 'M.8,0A.8,.8,0,1,1,-.8,0A.8,.8,0,1,1,.8,0Z';
const TRIANGLE_UP = 'M0,-1L.95,.75L-.95,.75Z';
const TRIANGLE_DOWN = 'M0,1L.95,-.75L-.95,-.75Z';
const DIAMOND = 'M0,-1.05L1.05,0L0,1.05L-1.05,0Z';
const SQUARE = 'M-.78,-.78H.78V.78H-.78Z';
const CROSS = 'M-.9,-.5L-.5,-.9L0,-.4L.5,-.9L.9,-.5L.4,0L.9,.5L.5,.9L0,.4L-.5,.9L-.9,.5L-.4,0Z';
const BAR = 'M-1,-.3H1V.3H-1Z';

export const OUTCOMES: Readonly<Record<RunOutcome, OutcomeMark>> = {
  kept: { words: 'champion kept', tone: 'neutral', shape: CIRCLE },
  predicted: { words: 'predictions made', tone: 'neutral', shape: CIRCLE },
  waiting: { words: 'labels wait for their file', tone: 'neutral', shape: BAR },
  trained: { words: 'first champion trained', tone: 'good', shape: DIAMOND },
  promoted: { words: 'challenger promoted', tone: 'good', shape: TRIANGLE_UP },
  'rolled back': { words: 'rolled back to the previous model', tone: 'warn', shape: TRIANGLE_DOWN },
  refused: { words: 'challenger refused', tone: 'warn', shape: SQUARE },
  shadowed: { words: 'challenger runs beside the champion', tone: 'neutral', shape: DIAMOND },
  withheld: { words: 'retraining withheld', tone: 'warn', shape: BAR },
  invalid: { words: 'invalid file', tone: 'bad', shape: CROSS },
  failed: { words: 'failed', tone: 'bad', shape: CROSS },
  cancelled: { words: 'cancelled', tone: 'bad', shape: CROSS },
  gone: { words: 'gone before it was read', tone: 'warn', shape: BAR },
};

/** Outcomes after which another model is in force than before. */
export const CHANGES_CHAMPION: ReadonlySet<RunOutcome> = new Set<RunOutcome>([
  'trained',
  'promoted',
  'rolled back',
]);

export const ACTION_WORDS: Readonly<Record<Action, string>> = {
  train: 'Train the first champion',
  keep: 'Keep the champion',
  retrain: 'Train a challenger',
  promote: 'Promote the challenger in shadow',
  rollback: 'Roll back to the previous model',
  predict: 'Make predictions',
  withhold: 'Withhold retraining',
};
