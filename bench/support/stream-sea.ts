import { readFile } from 'node:fs/promises';
import { fitModel } from '../../core/models/fit.ts';
import { learnSchema } from '../../core/models/input/encoder.ts';
import { DEFAULT_FOREST } from '../../core/models/forest/params.ts';
import { outcomesOf } from '../../core/models/metrics/outcomes.ts';
import { takeRows, type Column, type Table } from '../../core/table.ts';
import type { ErrorStream } from './stream-errors.ts';

const DATASETS = new URL('../../../shared/datasets/', import.meta.url);
const TARGET = 'class';
const TRAINING_ROWS = 5000;

/** The rows at which the next concept begins to appear, and from which on there is no other. */
const CHANGES = {
  abrupt: [10_000, 20_000, 30_000].map((row) => ({ start: row, end: row })),
  // 9,500 rows of each concept, with 1,000 rows between two in which the next takes over row by row.
  gradual: [9_500, 20_000, 30_500].map((row) => ({ start: row, end: row + 1000 })),
} as const;

/**
 * The errors of a forest on SEA, once for each change of concept: trained on the first 5,000 rows of a concept
 * and never again, it predicts the rest of that concept, the change, and all of the next concept.
 */
export async function seaErrors(kind: keyof typeof CHANGES): Promise<readonly ErrorStream[]> {
  const table = await readSea(kind);
  const changes = CHANGES[kind];
  return changes.map((change, k) => {
    const first = changes[k - 1]?.end ?? 0;
    const last = changes[k + 1]?.start ?? table.rows;
    const start = first + TRAINING_ROWS;
    return {
      errors: errorsOfForest(table, { first, start, last }),
      change: { start: change.start - start, end: change.end - start },
    };
  });
}

/** Trains on the rows from `first` to before `start`, predicts those from there to before `last`. */
function errorsOfForest(
  table: Table,
  { first, start, last }: { readonly first: number; readonly start: number; readonly last: number },
): Float64Array {
  const rows = rowsBetween(first, start);
  const schema = learnSchema(table, rows, { target: TARGET, task: 'classification', ignore: [] });
  const model = fitModel(table, rows, schema, DEFAULT_FOREST, 1);
  const rest = takeRows(table, rowsBetween(start, last));
  const predicted = model.predict(rest);
  const actual = outcomesOf(rest, schema);
  if (predicted.kind !== 'classification' || actual.kind !== 'classification') {
    throw new TypeError(`SEA is a classification task, got ${predicted.kind} and ${actual.kind}`);
  }
  return Float64Array.from(predicted.labels, (label, i) => (label === actual.labels[i] ? 0 : 1));
}

const rowsBetween = (first: number, last: number): Int32Array =>
  Int32Array.from({ length: last - first }, (_, i) => first + i);

/** Columns of numbers, and the class as a category. */
async function readSea(kind: string): Promise<Table> {
  const file = new URL(`sea_0123_${kind}.csv`, DATASETS);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(
      `This benchmark needs SEA at ${file.pathname}: 40,000 rows or more with the columns X1, X2, X3, class`,
      { cause: error },
    );
  });
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const rows = lines.map((line) => line.split(',').map(Number));
  const columns = header.split(',').map((name, j): Column => {
    const values = Float64Array.from(rows, (row) => row[j] ?? NaN);
    if (name !== TARGET) return { kind: 'numeric', name, values };
    return { kind: 'categorical', name, codes: Int32Array.from(values), dictionary: ['0', '1'] };
  });
  return { rows: rows.length, columns };
}
