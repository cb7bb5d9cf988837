import type { Table } from '../../table.ts';
import type { SchemaOptions } from '../input/encoder.ts';
import type { EstimatorParams } from '../fit.ts';
import type { Model } from '../model.ts';
import { weightsInColumn } from '../input/weights.ts';
import type { RetrainingData } from './data.ts';
import type { RetrainMode } from './modes.ts';

/** All that decides the bytes of a challenger. */
export interface RetrainingRequest {
  readonly mode: RetrainMode;
  readonly champion: Model;
  /**
   * Was the champion, or a model that it was made of, trained on rows of the new file? Then it cannot be judged on
   * them, and modes that weigh or correct it by them cannot be used.
   */
  readonly championKnowsFile: boolean;
  /** as `dataNeedOf` of the mode asks for, brought together by `assembleData` */
  readonly data: RetrainingData;
  /** of the estimator that new models are fitted with */
  readonly params: EstimatorParams;
  readonly schema: SchemaOptions;
  /** how much each row counts in fits, in updates, in corrections and in weighing the models of a stack; absent: all the same */
  readonly weightColumn?: string | undefined;
  readonly seed: number;
}

/** A model made of the champion, with sentences for people about it; or the sentence why there is none. */
export type Derived = { readonly model: Model; readonly notes: readonly string[] } | string;

/**
 * The weights of some rows, as the request's column has them; undefined where it names none.
 * @throws RangeError as `weightsInColumn`
 */
export function weightsOf(
  { weightColumn }: Pick<RetrainingRequest, 'weightColumn'>,
  table: Table,
  rows: Int32Array,
): Float64Array | undefined {
  return weightColumn === undefined ? undefined : weightsInColumn(table, rows, weightColumn);
}
