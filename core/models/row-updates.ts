/** How new rows count in a model that goes on learning. */
export interface RowUpdate {
  /** how much the rows that the model knows count beside the new ones, in (0, 1] */
  readonly decay: number;
  /** of the new rows, one each; absent: all 1 */
  readonly weights?: Float64Array | undefined;
}
