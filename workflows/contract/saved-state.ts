/** What the store keeps of a pipeline, so that it outlives its workflow. */
import type { Damage } from './damage.ts';
import type { ModelRef } from './models.ts';
import type { CarriedState } from './pipelines.ts';
import type { RunResult } from './runs.ts';

/** The state of a pipeline at one moment. */
export interface SavedState {
  readonly pipeline: string;
  /** what its models predict: a pipeline of the same name with another target is another one */
  readonly target: string;
  readonly state: CarriedState;
}

/** What is found of a pipeline that begins. */
export interface FoundState extends Damage {
  /** the newest saved state; null if there is none, or it is of another target */
  readonly state: CarriedState | null;
  /** a number above those of all pages of its history */
  readonly sealedPages: number;
  /** position of the newest run on the newest page; 0 if there is none */
  readonly sealedUpTo: number;
  /** position after which runs are to be recorded again */
  readonly after: number;
}

/** A run as its report has it, with what is needed to record it again. */
export interface FoundRun {
  readonly result: RunResult;
  /** the model in force when it began; absent: the report does not tell */
  readonly championBefore?: ModelRef | null;
  /** the model in force when it ended; absent where the report does not describe it */
  readonly championAfter?: ModelRef;
}

export interface FoundRuns extends Damage {
  /** ascending */
  readonly runs: readonly FoundRun[];
  /** where to go on from; null: these are all */
  readonly next: number | null;
  /** the highest position that the store knows, whether or not its run has a report; 0 if there is none */
  readonly newest: number;
}
