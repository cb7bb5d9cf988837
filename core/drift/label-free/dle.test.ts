import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_BOOSTING } from '../../models/boosting/params.ts';
import type { FeatureSchema } from '../../models/model.ts';
import { createRandom } from '../../random.ts';
import { normalQuantile } from '../../stats/normal-quantile.ts';
import { estimateDle, fitDle } from './dle.ts';
import type { Dle, DleOptions, LabelledRows } from './dle.ts';
import { metricOfMeanLoss, LOSS_OF_METRIC, REGRESSION_METRICS, rowLosses } from './row-losses.ts';
import type { RegressionMetric } from './row-losses.ts';

const FEATURES: readonly FeatureSchema[] = [
  { kind: 'numeric', name: 'size' },
  { kind: 'categorical', name: 'site', dictionary: ['lab', 'street'] },
];
const OPTIONS: DleOptions = {
  features: FEATURES,
  params: { ...DEFAULT_BOOSTING, iterations: 40, maxLeaves: 8 },
  seed: 1,
};
const ALL: DleOptions = { ...OPTIONS, metrics: REGRESSION_METRICS };

/** A model whose errors grow with the size and are twice as large in the street; `large`: share of large sizes. */
function measured(n: number, large: number, seed: number): LabelledRows {
  const random = createRandom(seed);
  const sizes = Float64Array.from({ length: n }, () => random() / 2 + (random() < large ? 0.5 : 0));
  const codes = Int32Array.from({ length: n }, () => (random() < 0.5 ? 1 : 0));
  const predictions = sizes.map((size) => 10 + 5 * size);
  const outcomes = predictions.map((predicted, i) => {
    const deviation = (0.1 + sizes[i]!) * (1 + codes[i]!);
    return predicted + deviation * normalQuantile(1e-9 + (1 - 2e-9) * random());
  });
  const table = {
    rows: n,
    columns: [
      { kind: 'numeric', name: 'size', values: sizes },
      { kind: 'categorical', name: 'site', codes, dictionary: ['lab', 'street'] },
    ],
  } as const;
  return { table, predictions, outcomes };
}

function inChunks(rows: number, size: number): Int32Array[] {
  return Array.from({ length: rows / size }, (_, c) =>
    Int32Array.from({ length: size }, (__, i) => c * size + i),
  );
}

function fitted(reference: LabelledRows, options: DleOptions): Dle {
  const dle = fitDle(reference, inChunks(reference.table.rows, 500), options);
  assert.equal(dle.kind, 'dle');
  return dle;
}

function realised(metric: RegressionMetric, { outcomes, predictions }: LabelledRows): number {
  const losses = rowLosses(LOSS_OF_METRIC[metric], outcomes, predictions)!;
  return metricOfMeanLoss(metric, losses.reduce((sum, x) => sum + x, 0) / losses.length);
}

test('every metric is estimated to within its interval, on rows as before and on a shift', () => {
  const dle = fitted(measured(5000, 0.3, 1), ALL);
  for (const large of [0.3, 0.9]) {
    const chunk = measured(2000, large, 2);
    const estimates = estimateDle(dle, chunk);
    for (const metric of REGRESSION_METRICS) {
      const { low, high, value } = estimates[metric]!;
      const found = realised(metric, chunk);
      assert.ok(low <= found && found <= high, `${metric}, ${large}: ${value} for ${found}`);
    }
  }
});

test('a shift to rows on which the model errs more raises an alarm, chunks as before do not', () => {
  const dle = fitted(measured(5000, 0.3, 3), OPTIONS);
  assert.deepEqual(Object.keys(dle.metrics), ['mae', 'rmse']);
  const same = estimateDle(dle, measured(500, 0.3, 4));
  const shifted = estimateDle(dle, measured(500, 0.9, 5));
  assert.deepEqual([same.mae?.alarm, same.rmse?.alarm], [false, false]);
  assert.deepEqual([shifted.mae?.alarm, shifted.rmse?.alarm], [true, true]);
});

test('the sampling error is how far the realised metric strays', () => {
  const dle = fitted(measured(5000, 0.3, 6), OPTIONS);
  const estimates = estimateDle(dle, measured(400, 0.3, 7));
  for (const metric of ['mae', 'rmse'] as const) {
    const values = Array.from({ length: 200 }, (_, run) =>
      realised(metric, measured(400, 0.3, 100 + run)),
    );
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 200);
    const ratio = estimates[metric]!.samplingError / deviation;
    assert.ok(ratio > 0.8 && ratio < 1.25, `${metric}: ${ratio}`);
  }
});

test('a metric that is not defined on the reference is absent', () => {
  const reference = measured(500, 0.3, 8);
  const outcomes = reference.outcomes.slice();
  outcomes[3] = 0;
  outcomes[4] = -2;
  const chunks = inChunks(500, 100);
  const dle = fitDle({ ...reference, outcomes }, chunks, ALL);
  assert.equal(dle.kind, 'dle');
  assert.deepEqual(Object.keys(dle.metrics).sort(), ['mae', 'mse', 'rmse']);
});

test('features called as the columns that are added do not get in the way', () => {
  const named = (rows: LabelledRows): LabelledRows => ({
    ...rows,
    table: {
      rows: rows.table.rows,
      columns: rows.table.columns.map((column) => ({
        ...column,
        name: column.name === 'size' ? 'prediction' : 'loss',
      })),
    },
  });
  const features: readonly FeatureSchema[] = [
    { kind: 'numeric', name: 'prediction' },
    { kind: 'categorical', name: 'loss', dictionary: ['lab', 'street'] },
  ];
  const chunk = measured(500, 0.3, 10);
  const reference = measured(1000, 0.3, 9);
  const chunks = inChunks(1000, 200);
  const plain = fitDle(reference, chunks, OPTIONS);
  const renamed = fitDle(named(reference), chunks, { ...OPTIONS, features });
  assert.ok(plain.kind === 'dle' && renamed.kind === 'dle');
  const expected = estimateDle(plain, chunk).mae?.value;
  assert.notEqual(expected, undefined);
  assert.equal(estimateDle(renamed, named(chunk)).mae?.value, expected);
});

test('too few rows or chunks are said to be too few', () => {
  const few = fitDle(measured(90, 0.3, 11), inChunks(90, 10), OPTIONS);
  assert.equal(few.kind, 'insufficient');
  assert.match(few.reason, /90 rows of reference, at least 100 are needed/);
  const chunks = fitDle(measured(200, 0.3, 11), inChunks(200, 100), OPTIONS);
  assert.equal(chunks.kind, 'insufficient');
  assert.deepEqual([chunks.n, chunks.required], [2, 5]);
});

test('samples that are not as they must be are refused with what is wrong', () => {
  const rows = measured(500, 0.3, 12);
  const chunks = inChunks(500, 100);
  const short = { ...rows, predictions: new Float64Array(3) };
  assert.throws(() => fitDle(short, chunks, OPTIONS), /3 predictions for 500 rows/);
  const missing = { ...rows, outcomes: rows.outcomes.map((y, i) => (i === 7 ? NaN : y)) };
  assert.throws(() => fitDle(missing, chunks, OPTIONS), /outcome 8 is NaN, not a finite number/);
  const features: readonly FeatureSchema[] = [{ kind: 'numeric', name: 'height' }];
  assert.throws(() => fitDle(rows, chunks, { ...OPTIONS, features }), /no column 'height'/);
  const dle = fitDle(rows, chunks, OPTIONS);
  assert.equal(dle.kind, 'dle');
  const nothing = { table: { rows: 0, columns: [] }, predictions: new Float64Array(0) };
  assert.throws(() => estimateDle(dle, nothing), /dle: no row/);
});
