import type { Work } from '../work.ts';
import type { FinishedParts } from './finished-parts.ts';

/** What the parts of a training are given. */
export interface TrainingWork extends Work {
  readonly finished: FinishedParts;
}
