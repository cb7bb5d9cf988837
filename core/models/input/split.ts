import { createRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { columnOf } from '../../table.ts';
import type { Table } from '../../table.ts';
import type { Task } from '../model.ts';
import { classesOf, labelledRows, outcomesOf } from '../metrics/outcomes.ts';

/** Fewer labelled rows than this are not split. */
const MIN_ROWS = 10;

/** Rows to train on and rows kept from training, or why there are none. Both ascending, together every labelled row. */
export type Split =
  | { readonly kind: 'split'; readonly train: Int32Array; readonly holdout: Int32Array }
  | {
      readonly kind: 'insufficient';
      readonly n: number;
      readonly required: number;
      readonly reason: string;
    };

export interface SplitOptions {
  readonly target: string;
  readonly task: Task;
  /** share of the labelled rows to hold out, in (0, 1) */
  readonly share: number;
  readonly seed: number;
  /** when named, the newest rows are held out instead of random ones */
  readonly timeColumn?: string | undefined;
}

/**
 * Sets rows aside to compare models on.
 *
 * With a time column the last rows in time are held out, as the future is what a model must meet; rows
 * without a time count as the oldest. Otherwise rows are drawn at random, for classification by class so that
 * both parts have the same mix (largest remainders; the single row of a class is trained on).
 *
 * The same table and options give the same rows.
 * @throws RangeError if `share` is not in (0, 1), or a column is absent or of the wrong kind
 */
export function splitHoldout(table: Table, options: SplitOptions): Split {
  const { target, task, share, seed, timeColumn } = options;
  if (!(share > 0 && share < 1))
    throw new RangeError(`holdout share must be in (0, 1), got ${share}`);
  const rows = labelledRows(table, target);
  const n = rows.length;
  if (n < MIN_ROWS) {
    const reason = `${n} rows have a value in '${target}', at least ${MIN_ROWS} are needed`;
    return { kind: 'insufficient', n, required: MIN_ROWS, reason };
  }
  const wanted = Math.min(n - 1, Math.max(1, Math.round(share * n)));
  const strata = task === 'classification' ? rowsByClass(table, target, rows) : [rows];
  if (task === 'classification' && strata.length < 2) return singleClass(table, target, rows);

  const random = createRandom(seed);
  const holdout =
    timeColumn === undefined
      ? drawByStratum(strata, wanted, random)
      : inOrderOfTime(table, timeColumn, rows).slice(n - wanted);
  holdout.sort();
  const train = without(rows, holdout);
  if (task === 'classification' && classesOf(table, target, train).length < 2) {
    return singleClass(table, target, train);
  }
  return { kind: 'split', train, holdout };
}

function singleClass(table: Table, target: string, rows: Int32Array): Split {
  const only = classesOf(table, target, rows).join();
  const reason = `'${target}' is '${only}' in all ${rows.length} rows to train on; at least 2 classes are needed`;
  return { kind: 'insufficient', n: 1, required: 2, reason };
}

function rowsByClass(table: Table, target: string, rows: Int32Array): Int32Array[] {
  const classes = classesOf(table, target, rows);
  const outcomes = outcomesOf(table, { target, task: 'classification', classes }, rows);
  if (outcomes.kind !== 'classification') return [];
  const strata = classes.map((): number[] => []);
  outcomes.labels.forEach((label, i) => strata[label].push(rows[i]));
  return strata.map((stratum) => Int32Array.from(stratum));
}

/** Draws `wanted` rows without replacement, from each stratum in proportion. */
function drawByStratum(strata: readonly Int32Array[], wanted: number, random: Random): Int32Array {
  const shares = strata.map((stratum) => stratum.length);
  const counts = proportionalCounts(shares, wanted);
  return Int32Array.from(
    strata.flatMap((stratum, s) => [...shuffled(stratum, random).subarray(0, counts[s])]),
  );
}

/** Largest-remainder shares of `wanted`; each stratum of size m gives at most m − 1. */
function proportionalCounts(sizes: readonly number[], wanted: number): number[] {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const ideal = sizes.map((size) => (size * wanted) / n);
  const counts = ideal.map((x, s) => Math.min(Math.floor(x), sizes[s] - 1));
  const byRemainder = sizes
    .map((_, s) => s)
    .sort((a, b) => ideal[b] - Math.floor(ideal[b]) - (ideal[a] - Math.floor(ideal[a])) || a - b);
  let left = wanted - counts.reduce((sum, count) => sum + count, 0);
  for (const s of byRemainder) {
    if (left > 0 && counts[s] < sizes[s] - 1) {
      counts[s]++;
      left--;
    }
  }
  return counts;
}

/** Fisher–Yates on a copy. */
function shuffled(rows: Int32Array, random: Random): Int32Array {
  const out = rows.slice();
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swapped = out[i];
    out[i] = out[j];
    out[j] = swapped;
  }
  return out;
}

/**
 * Rows in order of time, those without a time first, equal times in the order of the rows.
 * @throws RangeError if the time column is absent or holds text
 */
export function inOrderOfTime(table: Table, timeColumn: string, rows: Int32Array): Int32Array {
  const column = columnOf(table, timeColumn);
  if (column.kind === 'categorical') {
    throw new RangeError(
      `time column '${timeColumn}' holds text (e.g. '${column.dictionary[0] ?? ''}'); times or numbers are needed`,
    );
  }
  const timeOf = (row: number): number =>
    Number.isNaN(column.values[row]) ? -Infinity : column.values[row];
  // Equal times, and −Infinity twice, keep the order of the rows.
  return rows.slice().sort((a, b) => {
    const ta = timeOf(a);
    const tb = timeOf(b);
    return ta < tb ? -1 : ta > tb ? 1 : a - b;
  });
}

function without(rows: Int32Array, excluded: Int32Array): Int32Array {
  const out = new Set(excluded);
  return rows.filter((row) => !out.has(row));
}
