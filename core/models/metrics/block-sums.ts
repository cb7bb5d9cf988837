/** Terms of a metric summed in blocks of rows, of which a resample draws some more than once and others never. */
import { sumTerms } from './sum-metrics.ts';
import type { RowTerms } from './sum-metrics.ts';

/** Sums of the terms of each block that are not 0, by block: a row adds to one bin in many of a calibration error. */
export interface BlockSums {
  readonly values: Float64Array;
  readonly blocks: Int32Array;
  readonly columns: Int32Array;
  /** of the draw that was made last */
  readonly sums: Float64Array;
}

const MAX = Number.MAX_VALUE;

/** @returns undefined where there are no terms */
export function blockSums(
  terms: RowTerms | undefined,
  blocks: number,
  blockOf: Int32Array,
): BlockSums | undefined {
  if (terms === undefined) return undefined;
  const { cols } = terms;
  const data = sumTerms(terms, blocks, blockOf);
  const places = Int32Array.from(data.keys()).filter((at) => data[at] !== 0);
  return {
    // Finite, so that what is not in a draw adds 0.
    values: Float64Array.from(places, (at) => Math.min(Math.max(data[at], -MAX), MAX)),
    blocks: places.map((at) => Math.floor(at / cols)),
    columns: places.map((at) => at % cols),
    sums: new Float64Array(cols),
  };
}

/**
 * The sums over a resample, in `sums` of the blocks until the next one.
 * @param times how often each block is in it
 */
export function weightedSums(
  { values, blocks, columns, sums }: BlockSums,
  times: Int32Array,
): Float64Array {
  // Without a branch on whether it is drawn, which no processor foresees.
  if (sums.length === 1) {
    // Each addition waits for the one before it, and longer where that went through memory.
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += times[blocks[i]] * values[i];
    sums[0] = sum;
    return sums;
  }
  sums.fill(0);
  for (let i = 0; i < values.length; i++) sums[columns[i]] += times[blocks[i]] * values[i];
  return sums;
}
