import { countRepeatedRows } from '../quality/repeated-rows.ts';
import { takeRows, type Column, type Table } from '../../table.ts';
import { mergeCategories, summariseCategories, type CategorySummary } from './category-summary.ts';
import { blockRooms, openNumberBlocks, type BlockRoom } from './number-blocks.ts';
import { mergeNumbers, type NumberSummary } from './number-summary.ts';
import { chooseRows, mergeRowSamples } from './row-sample.ts';

export type ColumnSummary = NumberSummary | CategorySummary;

/**
 * What drift detection needs to know of a table: each column by itself, and some of the rows. Of bounded size,
 * however many rows there are; that of a champion's reference is made once and stored.
 */
export interface TableSummary {
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  /** at most 5,000 rows drawn uniformly, with every column: for tests that look at several columns at once */
  readonly sample: Table;
  /** rows that repeat an earlier one in every column; absent where it is not known, as after a merge */
  readonly repeatedRows?: number;
}

/** Seed of the rows that are kept. */
export const SAMPLE_SEED = 1;

/** Summarises a table; one sorted block of one column is held at a time. O(rows) a column. */
export function summariseTable(table: Table): TableSummary {
  const [room] = blockRooms(table.rows, 1);
  return {
    rows: table.rows,
    columns: table.columns.map((column) => summariseColumn(column, room)),
    sample: takeRows(table, chooseRows(table.rows, SAMPLE_SEED)),
    repeatedRows: countRepeatedRows(table),
  };
}

function summariseColumn(column: Column, room: BlockRoom): ColumnSummary {
  if (column.kind === 'categorical') return summariseCategories(column);
  const blocks = openNumberBlocks(column, room);
  blocks.add(column.values);
  return blocks.total();
}

/**
 * The table of the rows of `a` and then those of `b`. The order matters to `course` alone; figures of samples that
 * are not exact depend on it within the error that they state.
 * @throws RangeError if the tables differ in the names or kinds of their columns
 */
export function mergeSummaries(a: TableSummary, b: TableSummary): TableSummary {
  const names = (columns: readonly ColumnSummary[]): string =>
    columns.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  if (names(a.columns) !== names(b.columns)) {
    throw new RangeError(
      `merge summaries: the columns differ: ${names(a.columns)} and ${names(b.columns)}`,
    );
  }
  return {
    rows: a.rows + b.rows,
    columns: a.columns.map((column, j) => mergeColumns(column, b.columns[j])),
    sample: mergeRowSamples(a, b, SAMPLE_SEED),
  };
}

function mergeColumns(a: ColumnSummary, b: ColumnSummary): ColumnSummary {
  if (a.kind === 'categorical' && b.kind === 'categorical') return mergeCategories(a, b);
  if (a.kind !== 'categorical' && b.kind !== 'categorical') return mergeNumbers(a, b);
  throw new RangeError(`merge summaries: column '${a.name}' is ${a.kind} and then ${b.kind}`);
}
