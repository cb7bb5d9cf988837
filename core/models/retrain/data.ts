import { createRandom, deriveSeed } from '../../random.ts';
import { columnOf, takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { labelledRows } from '../metrics/outcomes.ts';
import { rowsThatCount } from '../input/weights.ts';
import { joinTables } from './join-tables.ts';
import type { DataNeed, Window } from './modes.ts';

/** What a retraining learns from. */
export interface RetrainingData {
  readonly table: Table;
  /** rows of `table` with an outcome, ascending: those learned from */
  readonly learn: Int32Array;
  /** those of them that are of the new file */
  readonly fresh: Int32Array;
}

/** The new file, and what was loaded of the past because `dataNeedOf` asked for it. */
export interface DataSources {
  readonly target: string;
  readonly timeColumn?: string | undefined;
  /** how much each row counts; rows of weight 0 are not learned from */
  readonly weightColumn?: string | undefined;
  readonly newFile: {
    readonly table: Table;
    /** the labelled rows that are not held out, ascending */
    readonly train: Int32Array;
  };
  /** earlier files, the oldest first; more than are needed do no harm */
  readonly earlier: readonly Table[];
  /** a sample of everything that the lineage learned from; null if none was kept */
  readonly reservoir: Table | null;
  /** of the draw from the reservoir */
  readonly seed: number;
}

/**
 * Brings together what a mode learns from: earlier rows first, the new file's training rows last. Rows without an
 * outcome, those of weight 0, and the rows of the new file that are held out, are not in it.
 * @throws RangeError if a window of time is asked for and the time column is absent or holds text, or a row has no
 *   weight where there is a column of them
 */
export function assembleData(need: DataNeed, sources: DataSources): RetrainingData {
  const { newFile, earlier, reservoir, weightColumn } = sources;
  const fresh = rowsThatCount(newFile.table, newFile.train, weightColumn);
  switch (need.kind) {
    case 'new file':
      return { table: newFile.table, learn: fresh, fresh };
    case 'earlier files':
      return withEarlier(sources, earlier.slice(-need.count));
    case 'window':
      return newest(withEarlier(sources, earlier), need.window, sources.timeColumn);
    case 'reservoir': {
      if (reservoir === null) return withEarlier(sources, []);
      const wanted = need.share === null ? Infinity : Math.round(need.share * fresh.length);
      const kept = rowsThatCount(reservoir, labelledRows(reservoir, sources.target), weightColumn);
      const past = kept.length === reservoir.rows ? reservoir : takeRows(reservoir, kept);
      return withEarlier(sources, [draw(past, wanted, sources.seed)]);
    }
  }
}

/**
 * Do these earlier tables reach back far enough for the window, so that no older file needs to be loaded?
 * @param earlier the oldest first
 */
export function windowIsFull(window: Window, sources: Omit<DataSources, 'reservoir'>): boolean {
  const { learn, table } = withEarlier(sources, sources.earlier);
  if (window.kind === 'rows') return learn.length >= window.rows;
  const times = timesOf(table, sources.timeColumn);
  const newestTime = largest(learn, times);
  return learn.some((row) => times[row] <= newestTime - window.ms);
}

function withEarlier(
  { newFile, target, weightColumn }: Pick<DataSources, 'newFile' | 'target' | 'weightColumn'>,
  earlier: readonly Table[],
): RetrainingData {
  const fresh = takeRows(newFile.table, newFile.train);
  const table = joinTables([...earlier, fresh]);
  const learn = rowsThatCount(table, labelledRows(table, target), weightColumn);
  const firstFresh = table.rows - fresh.rows;
  return { table, learn, fresh: learn.filter((row) => row >= firstFresh) };
}

function newest(
  { table, learn, fresh }: RetrainingData,
  window: Window,
  timeColumn: string | undefined,
): RetrainingData {
  const kept = newestRows(table, learn, window, timeColumn);
  const inWindow = new Uint8Array(table.rows);
  for (const row of kept) inWindow[row] = 1;
  const isKept = (row: number): boolean => inWindow[row] === 1;
  return { table, learn: learn.filter(isKept), fresh: fresh.filter(isKept) };
}

function newestRows(
  table: Table,
  rows: Int32Array,
  window: Window,
  timeColumn: string | undefined,
): Int32Array {
  if (window.kind === 'rows' && timeColumn === undefined) return rows.slice(-window.rows);
  const times = timesOf(table, timeColumn);
  if (window.kind === 'time') {
    const earliest = largest(rows, times) - window.ms;
    return rows.filter((row) => times[row] > earliest);
  }
  // Rows without a time count as the oldest; equal times keep the order of the rows.
  const at = (row: number): number => (Number.isNaN(times[row]) ? -Infinity : times[row]);
  const byTime = rows.slice().sort((a, b) => {
    const [ta, tb] = [at(a), at(b)];
    return ta < tb ? -1 : ta > tb ? 1 : a - b;
  });
  return byTime.slice(-window.rows);
}

function timesOf(table: Table, timeColumn: string | undefined): Float64Array {
  if (timeColumn === undefined) {
    throw new RangeError('a window of time needs a time column; name one, or count rows');
  }
  const column = columnOf(table, timeColumn);
  if (column.kind === 'categorical') {
    throw new RangeError(
      `time column '${timeColumn}' holds text (e.g. '${column.dictionary[0] ?? ''}'); times or numbers are needed`,
    );
  }
  return column.values;
}

function largest(rows: Int32Array, values: Float64Array): number {
  let found = -Infinity;
  for (const row of rows) if (values[row] > found) found = values[row];
  return found;
}

/** At most `wanted` rows drawn without replacement, in their order. */
function draw(table: Table, wanted: number, seed: number): Table {
  if (wanted >= table.rows) return table;
  const random = createRandom(deriveSeed(seed, 0));
  const order = Int32Array.from({ length: table.rows }, (_, i) => i);
  for (let i = 0; i < wanted; i++) {
    const j = i + Math.floor(random() * (table.rows - i));
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  return takeRows(table, order.slice(0, wanted).sort());
}
