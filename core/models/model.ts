import type { Table } from '../table.ts';

/** What a model learned to read and to say: fixed when it is fitted, stored in it, the same for every file. */
export interface ModelSchema {
  readonly target: string;
  readonly task: Task;
  readonly features: readonly FeatureSchema[];
  /** classes in ascending code-unit order; empty for regression */
  readonly classes: readonly string[];
}

export type Task = 'classification' | 'regression';

export type FeatureSchema =
  | { readonly kind: 'numeric'; readonly name: string }
  | {
      readonly kind: 'categorical';
      readonly name: string;
      readonly dictionary: readonly string[];
    };

/** A fitted estimator with its encoder. */
export interface Model {
  readonly estimator: string;
  readonly schema: ModelSchema;
  /**
   * Predictions for every row of a table that has (at least) the model's feature columns.
   * @throws RangeError naming the column that is missing or of another kind
   */
  predict(table: Table): Predictions;
  /** accuracy or R² on training rows by the parts of the model that did not see them, where that was asked for */
  readonly oobScore?: number | undefined;
  /** what each feature contributed to training, where the estimator notes it, in the order of the schema */
  importances?(): readonly FeatureImportance[];
  /** the artefact; the same model always gives the same bytes */
  toBytes(): Uint8Array;
}

export interface FeatureImportance {
  readonly feature: string;
  /** share of what all splits gained together; adds up to 1 where there is a split */
  readonly gain: number;
}

export type Predictions =
  | {
      readonly kind: 'classification';
      readonly classes: readonly string[];
      /** row-major, rows × classes; each row sums to 1 */
      readonly probabilities: Float64Array;
      /** index into classes of the most probable one (the first of equals), one a row */
      readonly labels: Int32Array;
    }
  | { readonly kind: 'regression'; readonly values: Float64Array };

/** True outcomes in the form in which metrics compare them with predictions. */
export type Outcomes =
  | {
      readonly kind: 'classification';
      readonly classes: readonly string[];
      /** index into classes; -1 = a class the model does not know */
      readonly labels: Int32Array;
    }
  | { readonly kind: 'regression'; readonly values: Float64Array };
