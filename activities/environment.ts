import type { ArtefactStore } from '../store/artefact-store.ts';
import type { Checkpoints } from './training/checkpoints.ts';
import type { RecentTables } from './datasets/recent-tables.ts';

/** What the heavy part of an activity may use. Made once in each compute thread. */
export interface Environment {
  readonly store: ArtefactStore;
  readonly recentTables: RecentTables;
  readonly checkpoints: Checkpoints;
  /** an existing folder on this machine for files that live as long as one activity */
  readonly scratchFolder: string;
  /** part of every model's identity: other code may train another model from the same data */
  readonly codeVersion: string;
  /** most MB that fitting a model may take, and the threads that may grow a forest at the same time */
  readonly fitMemory: { readonly megabytes: number; readonly threads: number };
  /** sentences for people about what a task found damaged in the store, and what it did about that: see `damage.ts` */
  readonly told: string[];
}

/** The dataset has columns or values that the champion cannot read. */
export class SchemaMismatchError extends Error {
  override name = 'SchemaMismatchError';
}

/** The dataset has too few rows, or too little variety, to train on. */
export class NotEnoughDataError extends Error {
  override name = 'NotEnoughDataError';
}

/** The pipeline asks for what cannot be done with its data, such as an estimator of the other task. */
export class InvalidPipelineError extends Error {
  override name = 'InvalidPipelineError';
}

/** Fitting the model would take more memory than this installation allows. */
export class NotEnoughMemoryError extends Error {
  override name = 'NotEnoughMemoryError';
}
