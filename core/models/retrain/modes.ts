/**
 * The ways to retrain, those that cost least first: the order in which `chooseMode` prefers them.
 *
 * - `recalibration`: the champion stays as it is, its probabilities (or its numbers) are corrected
 * - `incremental`: the champion itself goes on learning
 * - `full`: a new model of the new data
 * - `window`: a new model of the newest rows, whatever file they are in
 * - `replay`: a new model of the new rows and a sample of everything the lineage learned from
 * - `stacking`: the champion and a new model of the new rows, weighed by a third
 * - `stacking-refit`: as `stacking`, but the old half is fitted anew on the sample and the new rows
 */
export const RETRAIN_MODES = [
  'recalibration',
  'incremental',
  'full',
  'window',
  'replay',
  'stacking',
  'stacking-refit',
] as const;

export type RetrainMode = (typeof RETRAIN_MODES)[number];

/** The numbers that the modes had in CalmOps for Python: element n is mode n. */
export const MODE_OF_NUMBER: readonly RetrainMode[] = [
  'full',
  'incremental',
  'window',
  'stacking-refit',
  'stacking',
  'replay',
  'recalibration',
];

/** What the modes that read more than the new file read. */
export interface DataOptions {
  /** files that `full` learns from, the new one included; 1 and above */
  readonly lastFiles: number;
  /** what `window` learns from */
  readonly window: Window;
  /** rows that `replay` draws from the reservoir for each new row, above 0 */
  readonly replayShare: number;
}

/** The newest rows: a number of them, or those of the last `ms` milliseconds of the time column. */
export type Window =
  { readonly kind: 'rows'; readonly rows: number } | { readonly kind: 'time'; readonly ms: number };

/** The data that a mode learns from, beside the rows of the new file that are not held out. */
export type DataNeed =
  | { readonly kind: 'new file' }
  /** all labelled rows of this many files before it */
  | { readonly kind: 'earlier files'; readonly count: number }
  /** files before it, the newest first, for as long as their rows reach into the window */
  | { readonly kind: 'window'; readonly window: Window }
  /** rows of the lineage's reservoir: `share` a new row, all of them when null */
  | { readonly kind: 'reservoir'; readonly share: number | null };

/**
 * What data a mode asks for.
 * @throws RangeError naming the option that is out of range
 */
export function dataNeedOf(mode: RetrainMode, options: DataOptions): DataNeed {
  switch (mode) {
    case 'recalibration':
    case 'incremental':
    case 'stacking':
      return { kind: 'new file' };
    case 'full': {
      const { lastFiles } = options;
      if (!Number.isInteger(lastFiles) || lastFiles < 1) {
        throw new RangeError(`full: lastFiles must be a whole number from 1, got ${lastFiles}`);
      }
      return lastFiles === 1
        ? { kind: 'new file' }
        : { kind: 'earlier files', count: lastFiles - 1 };
    }
    case 'window':
      requireWindow(options.window);
      return { kind: 'window', window: options.window };
    case 'replay':
      if (!(options.replayShare > 0 && options.replayShare < Infinity)) {
        throw new RangeError(`replay: replayShare must be above 0, got ${options.replayShare}`);
      }
      return { kind: 'reservoir', share: options.replayShare };
    case 'stacking-refit':
      return { kind: 'reservoir', share: null };
  }
}

function requireWindow(window: Window): void {
  if (window.kind === 'rows' && !(Number.isInteger(window.rows) && window.rows >= 1)) {
    throw new RangeError(`window: rows must be a whole number from 1, got ${window.rows}`);
  }
  if (window.kind === 'time' && !(window.ms > 0 && window.ms < Infinity)) {
    throw new RangeError(`window: ms must be above 0, got ${window.ms}`);
  }
}
