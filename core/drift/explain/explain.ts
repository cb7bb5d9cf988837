import { createRandom, deriveSeed } from '../../random.ts';
import { holm } from '../../stats/corrections.ts';
import { randomRows } from '../../stats/permutation.ts';
import { columnOf, takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { cellsOf } from './cells.ts';
import { countCells, likenessOfCells } from './likeness.ts';
import { comparePairs } from './pairs.ts';
import type { ChangedPair } from './pairs.ts';
import { onsetInOrder, rowOrder } from './row-onset.ts';
import type { RowOnset, RowOrder } from './row-onset.ts';
import { smallestSlice } from './slice.ts';
import type { ChangedSlice } from './slice.ts';

/** What changed, where and since when. It is shown and decides nothing. JSON-safe: every number is finite. */
export interface DriftExplanation {
  /** rows of each table that were looked at */
  readonly referenceRows: number;
  readonly currentRows: number;
  /** the columns that changed, strongest first, each with the row where that began */
  readonly columns: readonly ColumnOnset[];
  /** at most 10 of the pairs of columns that hang together otherwise than before, surest first */
  readonly pairs: readonly ChangedPair[];
  readonly pairsChanged: number;
  readonly pairsCompared: number;
  /** the rows that carry the change of the columns; null when it is everywhere */
  readonly slice: ChangedSlice | null;
}

export interface ColumnOnset {
  readonly name: string;
  /** null when the rows changed from the first one on, or it cannot be told where */
  readonly onset: RowOnset | null;
}

export interface ExplainOptions {
  /** names of the columns that changed, strongest first */
  readonly changed: readonly string[];
  /** names of the columns that may be paired: numeric and categorical in both tables */
  readonly columns: readonly string[];
  /** a slice is not described by it: it is not known when it matters */
  readonly target: string;
  readonly timeColumn?: string | undefined;
  /** index in its file of each current row, ascending; absent: the table is the file */
  readonly fileRows?: Int32Array | undefined;
  readonly seed: number;
}

/** Rows of either table that are looked at. */
const MOST_ROWS = 5000;
/** Of the changed columns, those looked at. */
const MOST_CHANGED = 20;
const PAIRS_SHOWN = 10;

/** Chance that onsets, pairs or the other rows of a slice mislead without change: for each of the three by itself. */
const LEVEL = 0.05;

/** Cells in which a value is scored by how much more current than reference it is. */
const CELLS = 16;

/**
 * Explains the drift of a table: the pairs of columns whose dependence changed (`comparePairs`), the smallest slice
 * that carries the change of columns (`smallestSlice`), and for each of those the row where it began.
 *
 * The rows of a column are scored by how much more current than reference its values are, which sees shifts, spreads,
 * new categories and missing values alike; where the scores begin to be larger is the onset (`findOnset`), given if
 * its p-value, Holm-adjusted over the columns, is at most 0.05.
 *
 * At most 5000 random rows of each table are looked at: about 0.6 s for 20 columns of numbers.
 * @throws RangeError if a column is absent or of another kind in the other table
 */
export function explainDrift(
  reference: Table,
  current: Table,
  options: ExplainOptions,
): DriftExplanation {
  const { seed, target, timeColumn } = options;
  const before = takeRows(reference, sampleRows(reference, deriveSeed(seed, 0)));
  const order = rowOrder(current, sampleRows(current, deriveSeed(seed, 1)), timeColumn);
  const now = takeRows(current, order.rows);
  const { fileRows } = options;
  const places =
    fileRows === undefined ? order : { ...order, rows: order.rows.map((row) => fileRows[row]) };
  const changed = options.changed.slice(0, MOST_CHANGED);
  const others = options.columns.filter((name) => !changed.includes(name));
  const pairs = comparePairs(before, now, [...changed, ...others], LEVEL);
  return {
    referenceRows: before.rows,
    currentRows: now.rows,
    columns: onsetsOf(before, now, changed, places),
    pairs: pairs.changed.slice(0, PAIRS_SHOWN),
    pairsChanged: pairs.changed.length,
    pairsCompared: pairs.compared,
    slice: smallestSlice(before, now, {
      changed,
      conditions: [...others, ...changed].filter((name) => name !== target),
      level: LEVEL,
      seed: deriveSeed(seed, 2),
    }),
  };
}

function sampleRows(table: Table, seed: number): Int32Array {
  if (table.rows <= MOST_ROWS) return Int32Array.from({ length: table.rows }, (_, i) => i);
  return randomRows(table.rows, MOST_ROWS, createRandom(seed)).slice().sort();
}

function onsetsOf(
  before: Table,
  now: Table,
  changed: readonly string[],
  order: RowOrder,
): readonly ColumnOnset[] {
  const found = changed.map((name) => ({ name, onset: onsetOf(before, now, name, order) }));
  const adjusted = holm(found.map(({ onset }) => onset?.pValue ?? 1));
  return found.map(({ name, onset }, index) => ({
    name,
    onset: onset === null || adjusted[index] > LEVEL ? null : { ...onset, pValue: adjusted[index] },
  }));
}

function onsetOf(before: Table, now: Table, name: string, order: RowOrder): RowOnset | null {
  const cells = cellsOf(columnOf(before, name), columnOf(now, name), CELLS);
  const likeness = likenessOfCells(
    countCells(cells.reference, cells.count),
    countCells(cells.current, cells.count),
  );
  return onsetInOrder(
    Float64Array.from(cells.current, (cell) => likeness[cell]),
    order,
  );
}
