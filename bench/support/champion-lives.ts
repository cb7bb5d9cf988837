import { comparePerformance } from '../../core/models/metrics/evaluate.ts';
import type { Evaluation } from '../../core/models/metrics/evaluation.ts';
import {
  BASELINE_FILES,
  growBaseline,
  WORSE_BEYOND_DOUBT,
} from '../../core/models/metrics/grown-baseline.ts';
import { createRandom, type Random } from '../../core/random.ts';

/** Which files of a champion join the baseline that the later ones are compared with. */
export interface JoiningRule {
  readonly name: string;
  /** so many at most */
  readonly files: number;
  /** those whose p-value of being worse is above this */
  readonly above: number;
}

export const JOINING_RULES: readonly JoiningRule[] = [
  { name: 'held-out rows alone', files: 0, above: 1 },
  { name: '3 files', files: 3, above: WORSE_BEYOND_DOUBT },
  { name: `${BASELINE_FILES} files (the rule)`, files: BASELINE_FILES, above: WORSE_BEYOND_DOUBT },
  { name: '30 files', files: 30, above: WORSE_BEYOND_DOUBT },
  { name: '10 files, none that raised an alarm', files: 10, above: 0.025 },
  { name: '10 files, whatever they were', files: 10, above: -1 },
];

/** How a champion errs, and on what. */
export interface Life {
  readonly heldOut: number;
  readonly rowsPerFile: number;
  /** chance of an error on a row of a file, from 1; 0 is the hold-out */
  readonly errorAt: (file: number) => number;
  readonly files: number;
}

/**
 * The files of one champion's life on which it is called worse.
 * @param level of the test
 */
export function alarmsOf(life: Life, rule: JoiningRule, level: number, seed: number): boolean[] {
  const random = createRandom(seed);
  const heldOut = scoreOf(life.heldOut, life.errorAt(0), random);
  const joined: Evaluation[] = [];
  return Array.from({ length: life.files }, (_, i) => {
    const current = scoreOf(life.rowsPerFile, life.errorAt(i + 1), random);
    const { evaluation } = growBaseline(heldOut, joined);
    const { pValue, drop } = comparePerformance(current, evaluation, {});
    if (joined.length < rule.files && pValue > rule.above) joined.push(current);
    return drop > 0 && pValue <= level;
  });
}

function scoreOf(rows: number, error: number, random: Random): Evaluation {
  let wrong = 0;
  for (let i = 0; i < rows; i++) if (random() < error) wrong++;
  const mean = wrong / rows;
  const accuracy = 1 - mean;
  return {
    rows,
    primary: { name: 'accuracy', value: accuracy, low: accuracy, high: accuracy },
    metrics: { accuracy },
    loss: { mean, variance: (mean * accuracy * rows) / (rows - 1) },
  };
}
