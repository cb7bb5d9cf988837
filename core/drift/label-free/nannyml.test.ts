/** CBPE and DLE on generated rows, against what NannyML 0.13.1 says: golden_values.py made the values. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { applyIsotonic } from '../../models/calibration/isotonic.ts';
import { BINARY_METRICS, binaryMetric } from './binary-metrics.ts';
import type { BinaryMetric, BinaryPredictions } from './binary-metrics.ts';
import { estimateCbpe, fitCbpe } from './cbpe.ts';
import { calibrateClasses, expectedMetric } from './class-calibration.ts';
import { estimateDle, fitDle } from './dle.ts';
import {
  chunksOf,
  generatedClasses,
  generatedNumbers,
  generatedPositives,
  REFERENCE,
  ROWS,
} from './fixtures/generated-rows.ts';
import type { GeneratedClasses } from './fixtures/generated-rows.ts';
import { estimateMulticlassCbpe, fitMulticlassCbpe } from './multiclass-cbpe.ts';
import { REGRESSION_METRICS } from './row-losses.ts';
import type { LabelledPredictions } from './sampling-error.ts';
import type { EstimatedMetric } from './thresholds.ts';

interface Golden {
  /** of six chunks of the reference, then four others */
  readonly value: readonly number[];
  readonly samplingError: number;
  /** null: at or beyond the end of the metric's range */
  readonly lower: number | null;
  readonly upper: number | null;
}

type Problem = 'binary' | 'multiclass' | 'regression';

const golden = JSON.parse(
  readFileSync(new URL('fixtures/nannyml.json', import.meta.url), 'utf8'),
) as Readonly<Record<Problem, Readonly<Record<string, Golden>>>>;

/** NannyML's name where it is another. */
const nameOf = (metric: string): string => (metric === 'rocAuc' ? 'roc_auc' : metric);

const CHUNKS = [...chunksOf(0, REFERENCE), ...chunksOf(REFERENCE, ROWS)];
const REFERENCE_CHUNKS = chunksOf(0, REFERENCE);

function assertClose(found: number | undefined, expected: number, what: string, within = 1e-9) {
  assert.ok(
    found !== undefined && Math.abs(found - expected) <= within * Math.abs(expected),
    `${what}: ${found} is not ${expected}`,
  );
}

/** NannyML rounds the counts under the curve of an AUC to five decimals. */
function assertAgrees(
  problem: Problem,
  metric: BinaryMetric,
  estimates: readonly (EstimatedMetric | undefined)[],
): void {
  const { value, samplingError, lower, upper } = golden[problem][nameOf(metric)]!;
  estimates.forEach((estimate, chunk) => {
    const what = `${metric} of chunk ${chunk + 1}`;
    assertClose(estimate?.value, value[chunk]!, what, metric === 'rocAuc' ? 1e-7 : 1e-9);
    assertClose(estimate?.samplingError, samplingError, `sampling error of ${what}`);
    assertClose(estimate?.thresholds.lower, lower ?? 0, `lower threshold of ${what}`);
    assertClose(estimate?.thresholds.upper, upper ?? 1, `upper threshold of ${what}`);
  });
}

const positives = generatedPositives();

function positivesOf(rows: Int32Array): LabelledPredictions {
  return {
    probabilities: Float64Array.from(rows, (row) => positives.probabilities[row]!),
    predicted: rows.map((row) => positives.predicted[row]!),
    outcomes: rows.map((row) => positives.outcomes[row]!),
  };
}

const rowsUpTo = (end: number): Int32Array => Int32Array.from({ length: end }, (_, i) => i);

function fittedBinary() {
  const cbpe = fitCbpe(positivesOf(rowsUpTo(REFERENCE)), REFERENCE_CHUNKS, 1);
  assert.ok(cbpe.kind === 'cbpe' && cbpe.calibration !== null);
  return { cbpe, calibration: cbpe.calibration };
}

test('of two classes, every metric, sampling error and threshold is what NannyML says', () => {
  const { cbpe } = fittedBinary();
  const chunks = CHUNKS.map((rows) => estimateCbpe(cbpe, positivesOf(rows)));
  for (const metric of BINARY_METRICS) {
    assertAgrees(
      'binary',
      metric,
      chunks.map((chunk) => chunk[metric]),
    );
  }
});

test('the average precision and the cells of the confusion matrix are what NannyML says', () => {
  const { calibration } = fittedBinary();
  CHUNKS.forEach((rows, chunk) => {
    const sample: BinaryPredictions = positivesOf(rows);
    const positive = applyIsotonic(calibration, sample.probabilities);
    // NannyML rounds the counts under the curve to five decimals.
    const precision = golden.binary['average_precision']!.value[chunk]!;
    assertClose(binaryMetric('prAuc', sample, positive), precision, 'average precision', 1e-6);
    const share = (cell: string): number => golden.binary[cell]!.value[chunk]!;
    const [tp, fp] = [share('true_positive'), share('false_positive')];
    const [tn, fn] = [share('true_negative'), share('false_negative')];
    const of = (metric: BinaryMetric): number | undefined => binaryMetric(metric, sample, positive);
    assertClose(of('accuracy'), tp + tn, 'right');
    assertClose(of('precision'), tp / (tp + fp), 'predicted positive');
    assertClose(of('recall'), tp / (tp + fn), 'positive');
    assertClose(of('specificity'), tn / (tn + fp), 'negative');
  });
});

const classes = generatedClasses();

function classesOf(rows: Int32Array): GeneratedClasses {
  const probabilities = new Float64Array(rows.length * 3);
  rows.forEach((row, i) =>
    probabilities.set(classes.probabilities.subarray(3 * row, 3 * row + 3), 3 * i),
  );
  return {
    probabilities,
    labels: rows.map((row) => classes.labels[row]!),
    truth: rows.map((row) => classes.truth[row]!),
    classes: 3,
  };
}

test('of three classes, every metric, sampling error and threshold is what NannyML says', () => {
  const cbpe = fitMulticlassCbpe(classesOf(rowsUpTo(REFERENCE)), REFERENCE_CHUNKS, 1);
  assert.ok(cbpe.kind === 'multiclass cbpe');
  assert.ok(cbpe.curves.every((curve) => curve !== null));
  const chunks = CHUNKS.map((rows) => estimateMulticlassCbpe(cbpe, classesOf(rows)));
  for (const metric of BINARY_METRICS) {
    assertAgrees(
      'multiclass',
      metric,
      chunks.map((chunk) => chunk[metric]),
    );
  }
});

test('rows on which the classifier is less sure raise an alarm in every chunk, those before in none', () => {
  const cbpe = fitMulticlassCbpe(classesOf(rowsUpTo(REFERENCE)), REFERENCE_CHUNKS, 1);
  assert.ok(cbpe.kind === 'multiclass cbpe');
  const alarms = CHUNKS.map(
    (rows) => estimateMulticlassCbpe(cbpe, classesOf(rows)).accuracy?.alarm,
  );
  assert.deepEqual(
    alarms,
    [...CHUNKS.keys()].map((chunk) => chunk >= REFERENCE_CHUNKS.length),
  );
});

test('the balanced accuracy of calibrated classes is the macro recall, whatever the task calls it', () => {
  const cbpe = fitMulticlassCbpe(classesOf(rowsUpTo(REFERENCE)), REFERENCE_CHUNKS, 1);
  assert.ok(cbpe.kind === 'multiclass cbpe');
  const chunk = classesOf(CHUNKS[7]!);
  const calibrated = calibrateClasses(cbpe.curves, chunk);
  const { value } = golden.multiclass['recall']!;
  assertClose(expectedMetric('balancedAccuracy', chunk, calibrated), value[7]!, 'recall');
});

test('of numbers, sampling errors and thresholds are what NannyML says, estimates as near as another learner is', () => {
  const numbers = generatedNumbers();
  const take = (rows: Int32Array) => {
    const x = numbers.table.columns[0]!;
    assert.ok(x.kind === 'numeric');
    const of = (values: Float64Array): Float64Array =>
      Float64Array.from(rows, (row) => values[row]!);
    return {
      table: { rows: rows.length, columns: [{ ...x, values: of(x.values) }] },
      predictions: of(numbers.predictions),
      outcomes: of(numbers.outcomes),
    };
  };
  const dle = fitDle(take(rowsUpTo(REFERENCE)), REFERENCE_CHUNKS, {
    features: [{ kind: 'numeric', name: 'x' }],
    metrics: REGRESSION_METRICS,
    seed: 1,
  });
  assert.ok(dle.kind === 'dle');
  CHUNKS.forEach((rows, chunk) => {
    const estimates = estimateDle(dle, take(rows));
    for (const metric of REGRESSION_METRICS) {
      const { value, samplingError, lower, upper } = golden.regression[metric]!;
      const what = `${metric} of chunk ${chunk + 1}`;
      const estimate = estimates[metric]!;
      assertClose(estimate.samplingError, samplingError, `sampling error of ${what}`);
      assertClose(estimate.thresholds.lower, lower ?? 0, `lower threshold of ${what}`);
      assertClose(estimate.thresholds.upper, upper!, `upper threshold of ${what}`);
      // LightGBM there, our boosting here, both on the same losses.
      assertClose(estimate.value, value[chunk]!, what, 0.05);
    }
  });
});
