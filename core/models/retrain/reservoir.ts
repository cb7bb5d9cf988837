import { deriveSeed } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import { joinTables } from './join-tables.ts';

/**
 * A uniform sample of everything that a lineage of models learned from, of bounded size.
 *
 * Each row that was ever seen has a key, a uniform number that depends on the seed and on how many rows came before
 * it; the sample is the rows with the largest keys. So the sample does not depend on how rows were split into files,
 * and two samples of different streams merge into the one of both.
 */
export interface Reservoir {
  /** most rows kept */
  readonly capacity: number;
  /** of the keys; those of reservoirs that are to be merged differ */
  readonly seed: number;
  /** rows seen so far, kept or not */
  readonly seen: number;
  /** the rows kept, in the order of arrival */
  readonly table: Table;
  /** of each row of the table, in [0, 1) */
  readonly keys: Float64Array;
}

/** @throws RangeError if the capacity is not a whole number from 1 */
export function emptyReservoir(capacity: number, seed: number): Reservoir {
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new RangeError(`reservoir: capacity must be a whole number from 1, got ${capacity}`);
  }
  return { capacity, seed, seen: 0, table: { rows: 0, columns: [] }, keys: new Float64Array(0) };
}

/**
 * The reservoir after some more rows. Given one file after another, or all in one, it is the same.
 *
 * Every set of `capacity` rows of those seen is equally likely to be the sample. Columns as in `joinTables`.
 * @param rows of the table, in the order in which they are seen
 * @see Efraimidis & Spirakis (2006), Information Processing Letters 97:181–185, algorithm A-Res with equal weights;
 *   Vitter (1985), ACM TOMS 11:37–57, for the problem
 */
export function addToReservoir(reservoir: Reservoir, table: Table, rows: Int32Array): Reservoir {
  const { capacity, seed, seen } = reservoir;
  const keys = Float64Array.from(rows, (_, i) => keyOf(seed, seen + i));
  const added = { table: takeRows(table, rows), keys };
  return { capacity, seed, seen: seen + rows.length, ...largest(capacity, [reservoir, added]) };
}

/**
 * The sample of two streams together, with the smaller capacity of the two.
 * @throws RangeError if both have the same seed, as their keys would then be the same ones
 */
export function mergeReservoirs(a: Reservoir, b: Reservoir): Reservoir {
  if (a.seed === b.seed) {
    throw new RangeError(
      `reservoirs of one seed (${a.seed}) draw alike and cannot be merged; give each stream its own`,
    );
  }
  const capacity = Math.min(a.capacity, b.capacity);
  return { capacity, seed: a.seed, seen: a.seen + b.seen, ...largest(capacity, [a, b]) };
}

/** The rows with the largest keys, of equals the earlier ones, in the order in which they are given. */
function largest(
  capacity: number,
  parts: readonly Pick<Reservoir, 'table' | 'keys'>[],
): Pick<Reservoir, 'table' | 'keys'> {
  const filled = parts.filter(({ keys }) => keys.length > 0);
  if (filled.length === 0) return parts[0];
  const table = joinTables(filled.map((part) => part.table));
  const keys = new Float64Array(table.rows);
  let from = 0;
  for (const part of filled) {
    keys.set(part.keys, from);
    from += part.keys.length;
  }
  const order = Int32Array.from(keys, (_, i) => i).sort((i, j) => keys[j] - keys[i] || i - j);
  const kept = order.slice(0, capacity).sort();
  const { rows, columns } = takeRows(table, kept);
  return {
    table: { rows, columns: columns.map(withUsedCategories) },
    keys: Float64Array.from(kept, (i) => keys[i]),
  };
}

/** Without the categories that no row has any more: a column of ever new texts would grow without bound. */
function withUsedCategories(column: Column): Column {
  if (column.kind !== 'categorical') return column;
  const used = new Uint8Array(column.dictionary.length);
  for (const code of column.codes) if (code >= 0) used[code] = 1;
  const dictionary = column.dictionary.filter((_, code) => used[code] === 1);
  const codeOf = new Int32Array(used.length);
  let next = 0;
  used.forEach((own, code) => (codeOf[code] = own === 1 ? next++ : -1));
  const codes = column.codes.map((code) => (code < 0 ? -1 : codeOf[code]));
  return { ...column, codes, dictionary };
}

/** 53 random bits of a seed and a position. */
function keyOf(seed: number, position: number): number {
  const own = deriveSeed(deriveSeed(seed, Math.floor(position / 2 ** 31)), position % 2 ** 31);
  const high = deriveSeed(own, 1) >>> 5;
  const low = deriveSeed(own, 2) >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}
