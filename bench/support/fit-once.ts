import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { learnSchema } from '../../core/models/input/encoder.ts';
import { DEFAULT_BOOSTING } from '../../core/models/boosting/params.ts';
import { fitModel, type EstimatorParams } from '../../core/models/fit.ts';
import { DEFAULT_FOREST } from '../../core/models/forest/params.ts';
import { DEFAULT_LINEAR } from '../../core/models/linear/linear.ts';
import { DEFAULT_LOGISTIC } from '../../core/models/linear/logistic.ts';
import { metricsOf } from '../../core/models/metrics/metrics.ts';
import { scored } from '../../core/models/metrics/scored.ts';
import type { Model } from '../../core/models/model.ts';
import { outcomesOf } from '../../core/models/metrics/outcomes.ts';
import { takeRows, type Table } from '../../core/table.ts';
import { FEATURES, makeClassification } from './classification.ts';
import { median } from 'simple-statistics';

/**
 * Fits one estimator in a process of its own, so that its peak memory can be told, and prints the figures as
 * JSON. Arguments: estimator, task, rows, seed, repetitions, and a folder to leave the data in for other programs.
 */
const TEST_ROWS = 20_000;

const ESTIMATORS: Readonly<Record<string, EstimatorParams>> = {
  forest: DEFAULT_FOREST,
  'forest-depth-10': { ...DEFAULT_FOREST, maxDepth: 10 },
  boosting: DEFAULT_BOOSTING,
  logistic: DEFAULT_LOGISTIC,
  linear: DEFAULT_LINEAR,
};

const [estimator = '', task = '', rowCount = '', seed = '1', repetitions = '1', folder] =
  process.argv.slice(2);
const params = ESTIMATORS[estimator];
if (params === undefined) throw new Error(`no estimator '${estimator}'`);
if (task !== 'classification' && task !== 'regression') throw new Error(`no task '${task}'`);
const rows = Number(rowCount);
const all = makeClassification(rows + TEST_ROWS, Number(seed));
const train = rowRange(all, 0, rows);
const test = rowRange(all, rows, rows + TEST_ROWS);
if (folder !== undefined) await leaveData(all, folder);

const target = task === 'regression' ? 'z' : 'y';
const labelled = Int32Array.from({ length: rows }, (_, i) => i);
const schema = learnSchema(train, labelled, { target, task, ignore: ['y', 'z'] });
const seconds: number[] = [];
const predictSeconds: number[] = [];
let model: Model | undefined;
let score = NaN;
for (let repetition = 0; repetition < Number(repetitions); repetition++) {
  const from = performance.now();
  model = fitModel(train, labelled, schema, params, Number(seed));
  const fitted = performance.now();
  const predictions = model.predict(test);
  predictSeconds.push((performance.now() - fitted) / 1000);
  seconds.push((fitted - from) / 1000);
  const metrics = metricsOf(scored(predictions, outcomesOf(test, schema)));
  score = metrics.accuracy ?? metrics.r2 ?? NaN;
}
const figures = {
  seconds: median(seconds),
  peakMb: process.resourceUsage().maxRSS / 1024,
  score,
  predictRowsPerSecond: TEST_ROWS / median(predictSeconds),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);

function rowRange(table: Table, from: number, to: number): Table {
  return takeRows(
    table,
    Int32Array.from({ length: to - from }, (_, i) => from + i),
  );
}

/** Writes x (column-major), y and z as little-endian numbers. */
async function leaveData(table: Table, into: string): Promise<void> {
  const x = new Float64Array(FEATURES * table.rows);
  for (const column of table.columns) {
    if (column.kind === 'categorical') await write(into, 'y', column.codes);
    else if (column.name === 'z') await write(into, 'z', column.values);
    else x.set(column.values, Number(column.name.slice(1)) * table.rows);
  }
  await write(into, 'x', x);
}

function write(into: string, name: string, values: Float64Array | Int32Array): Promise<void> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return writeFile(path.join(into, name), bytes);
}
