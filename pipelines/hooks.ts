import type { DataFrame } from 'danfojs-node';
import type { FeatureSchema, Task } from '../core/models/model.ts';
import type { Table } from '../core/table.ts';

/**
 * What a pipeline does in a way of its own. All are optional; those that train need `predict` too.
 *
 * Hooks run on a compute thread, never on the threads that keep CalmOps responsive. What they throw fails the
 * run with their file and line, and is not tried again.
 */
export interface Hooks {
  /**
   * Changes every dataset file before anything else sees it: drift, training and predictions all work on what
   * is returned. Numbers and texts are as in the file, times are ISO 8601 texts, missing numbers are NaN and
   * other missing values null.
   */
  preprocess?(frame: DataFrame): DataFrame | Promise<DataFrame>;

  /**
   * Trains a model: the first one, and with `estimator: { kind: hooks }` each challenger of mode `full`.
   * @returns all that `predict` needs, as JSON: it is stored, and outlives the process
   */
  train?(data: HookTrainingData): Json | Promise<Json>;

  /**
   * Trains a challenger from the champion: `retrain.mode: hooks`.
   * @param champion what `train`, `retrain` or `fallback` returned when the champion was trained; null when
   *   the champion is of another estimator
   */
  retrain?(data: HookTrainingData, champion: Json): Json | Promise<Json>;

  /**
   * Trains another challenger once the gate has refused the first: `retrain.fallback: hooks`.
   * @param champion as for `retrain`
   * @param reason why the first was refused, for people
   */
  fallback?(data: HookTrainingData, champion: Json, reason: string): Json | Promise<Json>;

  /**
   * Predicts every row.
   * @param state what the training hook returned
   */
  predict?(state: Json, data: HookData): HookPredictions;

  /** Tells others how a run ended. What it throws is logged, and changes nothing. */
  notify?(event: RunEvent): void | Promise<void>;
}

/** Gives the hooks of a pipeline their types: `export default defineHooks({ … })` in its hooks.ts. */
export function defineHooks(hooks: Hooks): Hooks {
  return hooks;
}

export type HookName = keyof Hooks;

/** A value that JSON can hold; numbers are finite. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The features of some rows. */
export interface HookData {
  readonly rows: number;
  readonly target: string;
  readonly task: Task;
  /** in the order of the columns of `table` */
  readonly features: readonly FeatureSchema[];
  /** the classes that the model knows, in ascending order; empty for regression */
  readonly classes: readonly string[];
  /**
   * The features and nothing else, so that no prediction sees its answer. Categories are coded by the
   * feature's dictionary, the same in every file; -1 = missing, or not known when the model was trained.
   */
  readonly table: Table;
  /**
   * A numeric feature, one value a row; NaN = missing.
   * @throws RangeError if there is no numeric feature of this name
   */
  numbers(feature: string): Float64Array;
  /**
   * A categorical feature, one value a row; null = missing, or not known when the model was trained.
   * @throws RangeError if there is no categorical feature of this name
   */
  texts(feature: string): readonly (string | null)[];
}

/** The features and outcomes of the rows to train on. */
export interface HookTrainingData extends HookData {
  /** draw randomness from it, and the same data give the same model */
  readonly seed: number;
  /**
   * For classification: index into `classes`, one a row.
   * @throws RangeError for regression
   */
  labels(): Int32Array;
  /**
   * For regression: the value of the target, one a row.
   * @throws RangeError for classification
   */
  outcomes(): Float64Array;
  /**
   * The features as a danfo.js frame, as the preprocess hook gets it. It takes many times the memory of `table`;
   * danfo.js is loaded by the first call.
   */
  frame(): Promise<DataFrame>;
}

/**
 * For regression one finite number a row; for classification one row of probabilities a row, in the order of
 * `classes`, each in [0, 1] and together 1.
 */
export type HookPredictions = ArrayLike<number> | readonly ArrayLike<number>[];

/** How a run ended. */
export interface RunEvent {
  readonly pipeline: string;
  readonly fileName: string;
  readonly sha256: string;
  /** the id of the run's workflow in Temporal */
  readonly workflowId: string;
  /** the same however often this end of this run is told: it is told at least once, and more than once after a crash */
  readonly idempotencyKey: string;
  /** such as trained, kept, promoted, refused, withheld, rolled back, predicted, invalid, failed, gone */
  readonly outcome: string;
  /** what was decided; null when the run ended before the decision */
  readonly action: string | null;
  /** one sentence for people */
  readonly reason: string;
  readonly rows: number | null;
  readonly driftScore: number | null;
  /** the champion's primary metric on this file, with its confidence interval */
  readonly metric: {
    readonly name: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  } | null;
  /** the model in force after the run */
  readonly championId: string | null;
  /** ISO 8601 */
  readonly finishedAt: string;
}
