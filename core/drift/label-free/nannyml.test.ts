/** CBPE and DLE on generated rows, against what NannyML 0.13.1 says: golden_values.py made the values. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { takeRows } from '../../table.ts';
import { calibrateClasses, fitClassCurves } from './class-calibration.ts';
import type { ClassCurves } from './class-calibration.ts';
import { fitExpectedLosses, predictLosses } from './expected-losses.ts';
import { expectedConfusion, expectedMetric } from './expected-metrics.ts';
import {
  chunksOf,
  generatedClasses,
  generatedNumbers,
  generatedPositives,
  REFERENCE,
  ROWS,
} from './fixtures/generated-rows.ts';
import {
  asProbabilities,
  NANNYML_METRICS,
  nannymlError,
  nannymlLossError,
  nannymlMetric,
  takeClasses,
  thresholdsOf,
} from './fixtures/nannyml-report.ts';
import type { LabelledClasses } from './fixtures/nannyml-report.ts';

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

const rowsUpTo = (end: number): Int32Array => Int32Array.from({ length: end }, (_, i) => i);

function curvesOf(classes: LabelledClasses): ClassCurves {
  const reference = takeClasses(classes, rowsUpTo(REFERENCE));
  const curves = fitClassCurves(reference, reference.truth, 1);
  assert.ok(curves.every((curve) => curve !== null));
  return curves;
}

/** NannyML rounds the counts under the curve of an AUC to five decimals. */
function assertAgrees(problem: 'binary' | 'multiclass', classes: LabelledClasses): void {
  const curves = curvesOf(classes);
  const reference = takeClasses(classes, rowsUpTo(REFERENCE));
  for (const metric of NANNYML_METRICS) {
    const { value, samplingError, lower, upper } = golden[problem][nameOf(metric)]!;
    CHUNKS.forEach((rows, chunk) => {
      const own = takeClasses(classes, rows);
      const found = nannymlMetric(metric, own, calibrateClasses(curves, own));
      const what = `${metric} of chunk ${chunk + 1}`;
      assertClose(found, value[chunk]!, what, metric === 'rocAuc' ? 1e-7 : 1e-9);
    });
    const realised = REFERENCE_CHUNKS.map((rows) => {
      const own = takeClasses(classes, rows);
      return nannymlMetric(metric, own, asProbabilities(own))!;
    });
    const thresholds = thresholdsOf(realised, 1);
    assertClose(thresholds.lower, lower ?? 0, `lower threshold of ${metric}`);
    assertClose(thresholds.upper, upper ?? 1, `upper threshold of ${metric}`);
    const error = nannymlError(metric, reference, CHUNKS[0]!.length);
    assertClose(error, samplingError, `sampling error of ${metric}`);
  }
}

test('of two classes, every metric, sampling error and threshold is what NannyML says', () => {
  assertAgrees('binary', generatedPositives());
});

test('of three classes, every metric, sampling error and threshold is what NannyML says', () => {
  assertAgrees('multiclass', generatedClasses());
});

test('the average precision and the cells of the confusion matrix are what NannyML says', () => {
  const positives = generatedPositives();
  const curves = curvesOf(positives);
  CHUNKS.forEach((rows, chunk) => {
    const own = takeClasses(positives, rows);
    const calibrated = calibrateClasses(curves, own);
    // NannyML rounds the counts under the curve to five decimals.
    const precision = golden.binary['average_precision']!.value[chunk]!;
    assertClose(expectedMetric('prAuc', own, calibrated), precision, 'average precision', 1e-6);
    const cells = [...expectedConfusion(own, calibrated)].map((count) => count / rows.length);
    CELLS.forEach((cell, at) => {
      assertClose(cells[at], golden.binary[cell]!.value[chunk]!, cell);
    });
  });
});

/** As a confusion matrix has them, row by row, for the classes 0 and 1. */
const CELLS = ['true_negative', 'false_positive', 'false_negative', 'true_positive'] as const;

test('of two classes, F1, precision and recall are the means over both, as the cells give them', () => {
  const positives = generatedPositives();
  const curves = curvesOf(positives);
  CHUNKS.forEach((rows, chunk) => {
    const own = takeClasses(positives, rows);
    const calibrated = calibrateClasses(curves, own);
    const count = (cell: string): number => golden.binary[cell]!.value[chunk]!;
    const [tn, fp] = [count('true_negative'), count('false_positive')];
    const [fn, tp] = [count('false_negative'), count('true_positive')];
    const mean = (a: number, b: number): number => (a + b) / 2;
    const expected = {
      f1: mean((2 * tp) / (2 * tp + fp + fn), (2 * tn) / (2 * tn + fp + fn)),
      precision: mean(tp / (tp + fp), tn / (tn + fn)),
      recall: mean(tp / (tp + fn), tn / (tn + fp)),
      balancedAccuracy: mean(tp / (tp + fn), tn / (tn + fp)),
    };
    for (const metric of ['f1', 'precision', 'recall', 'balancedAccuracy'] as const) {
      assertClose(expectedMetric(metric, own, calibrated), expected[metric], metric);
    }
  });
});

test('of numbers, sampling errors and thresholds are what NannyML says, estimates as near as another learner is', () => {
  const { table, predictions, outcomes } = generatedNumbers();
  const take = (values: Float64Array, rows: Int32Array): Float64Array =>
    Float64Array.from(rows, (row) => values[row]!);
  const rowsOf = (rows: Int32Array) => ({
    table: takeRows(table, rows),
    predictions: take(predictions, rows),
  });
  const options = { features: [{ kind: 'numeric', name: 'x' }], seed: 1 } as const;
  const reference = rowsUpTo(REFERENCE);
  for (const [metric, { loss, isRoot }] of Object.entries(LOSSES)) {
    const { value, samplingError, lower, upper } = golden.regression[metric]!;
    const losses = outcomes.map((y, i) => loss(y, predictions[i]!));
    const ofReference = take(losses, reference);
    const { nannies } = fitExpectedLosses(rowsOf(reference), ofReference, options);
    const ofMean = (own: Float64Array): number => {
      const mean = own.reduce((sum, x) => sum + x, 0) / own.length;
      return isRoot ? Math.sqrt(mean) : mean;
    };
    CHUNKS.forEach((rows, chunk) => {
      // LightGBM there, our boosting here, both on the same losses.
      const own = predictLosses(nannies, rowsOf(rows));
      assertClose(ofMean(own), value[chunk]!, `${metric} of chunk ${chunk + 1}`, 0.05);
    });
    const realised = REFERENCE_CHUNKS.map((rows) => ofMean(take(losses, rows)));
    const thresholds = thresholdsOf(realised, Infinity);
    assertClose(thresholds.lower, lower ?? 0, `lower threshold of ${metric}`);
    assertClose(thresholds.upper, upper!, `upper threshold of ${metric}`);
    const error = nannymlLossError(ofReference, isRoot, CHUNKS[0]!.length);
    assertClose(error, samplingError, `sampling error of ${metric}`);
  }
});

interface Loss {
  readonly loss: (y: number, predicted: number) => number;
  readonly isRoot: boolean;
}

const squaredLog = (y: number, predicted: number): number =>
  (Math.log1p(y) - Math.log1p(predicted)) ** 2;

/** The loss whose mean a metric of NannyML is, or is the root of. */
const LOSSES: Readonly<Record<string, Loss>> = {
  mae: { loss: (y, predicted) => Math.abs(y - predicted), isRoot: false },
  mape: { loss: (y, predicted) => Math.abs((y - predicted) / y), isRoot: false },
  mse: { loss: (y, predicted) => (y - predicted) ** 2, isRoot: false },
  rmse: { loss: (y, predicted) => (y - predicted) ** 2, isRoot: true },
  msle: { loss: squaredLog, isRoot: false },
  rmsle: { loss: squaredLog, isRoot: true },
};
