import type { DuckDBConnection } from '@duckdb/node-api';
import { sortNumbers } from '../core/stats/sort-numbers.ts';
import type { ColumnSummary } from '../core/drift/summary/table-summary.ts';
import type { ColumnSource } from './column-source.ts';
import type { ColumnQuery } from './fetch-table.ts';

/** Hashes of rows that are held at a time: beyond so many rows, those of one part in so many stand for all. */
const MOST_HASHES = 2_000_000;

const partsOf = (rows: number): number => Math.ceil(rows / MOST_HASHES);

/** Columns of many different values that are looked at before all. */
const TELLING_COLUMNS = 4;

/**
 * Rows that repeat an earlier one, by a hash of 64 bits. Equal rows fall into the same part, so that the count is
 * exact within each; beyond two million rows that of one part is scaled up. Rows that differ in some columns are
 * not equal, so that the others are only read where some rows agree in these.
 */
export async function countRepeatedRows(
  connection: DuckDBConnection,
  source: ColumnSource,
  summaries: readonly ColumnSummary[],
): Promise<number> {
  const { columns } = source;
  const telling = columns
    .filter((_, j) => summaries[j]?.kind === 'numeric' && summaries[j].few === null)
    .slice(0, TELLING_COLUMNS);
  if (telling.length > 0 && (await countEqual(connection, source, telling)) === 0) return 0;
  return columns.length === 0 ? 0 : countEqual(connection, source, columns);
}

/** Rows that have the values of an earlier one in the given columns. */
async function countEqual(
  connection: DuckDBConnection,
  { from, rows }: ColumnSource,
  columns: readonly ColumnQuery[],
): Promise<number> {
  const parts = partsOf(rows);
  const counted = await connection.runAndReadAll(
    `SELECT count(*) - count(DISTINCT h) FROM (SELECT ${hashOf(columns)} AS h FROM ${from}) WHERE h % ${parts} = 0`,
  );
  return Math.min(rows, parts * Number(counted.getRows()[0]?.[0] ?? 0));
}

const hashOf = (columns: readonly ColumnQuery[]): string =>
  `hash(${columns.map(({ sql }) => sql).join(', ')})`;

/**
 * Hashes of some columns of all rows, which a scan of these takes along: where no two are equal, no row repeats
 * another one, and none need be counted.
 */
export interface RowHashes {
  /** of a column to select beside them */
  readonly sql: string;
  /** @param hashes of the rows that come next; not kept */
  add(hashes: Float64Array): void;
  /** whether two are equal, by chance in fewer than one of a thousand files of two million rows; frees them */
  haveEqual(): boolean;
}

/** Bits of a hash that are kept: a whole number that a double holds. */
const HASH_BITS = 52;
const HASHES = 2 ** HASH_BITS;

/** Hashes that are sorted at a time, which takes little memory. */
const SORTED_HASHES = 1 << 18;

export function openRowHashes(columns: readonly ColumnQuery[], rows: number): RowHashes {
  const end = HASHES / partsOf(rows);
  const expected = rows / partsOf(rows);
  const ranges = Math.max(1, Math.ceil(expected / SORTED_HASHES));
  const size = roomFor(expected / ranges);
  let held = new Float64Array(ranges * size);
  const counts = new Int32Array(ranges);
  return {
    sql: `CAST(${hashOf(columns)} >> ${64 - HASH_BITS} AS DOUBLE)`,
    add(hashes) {
      const width = end / ranges;
      for (const hash of hashes) {
        const range = Math.floor(hash / width);
        if (range >= ranges) continue;
        const at = counts[range] ?? 0;
        counts[range] = at + 1;
        if (at < size) held[range * size + at] = hash;
      }
    },
    haveEqual() {
      const all = held;
      held = new Float64Array(0);
      return Array.from(counts).some(
        (count, range) =>
          count > size || someAreEqual(all.subarray(range * size, range * size + count)),
      );
    },
  };
}

/** For so many hashes that are spread evenly: more come only where there are equal ones. */
const roomFor = (expected: number): number => Math.ceil(1.05 * expected) + 1000;

function someAreEqual(hashes: Float64Array): boolean {
  sortNumbers(hashes);
  for (let i = 1; i < hashes.length; i++) if (hashes[i] === hashes[i - 1]) return true;
  return false;
}
