import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import { BINARY_METRICS, binaryMetric } from './binary-metrics.ts';
import { estimateCbpe, fitCbpe } from './cbpe.ts';
import type { Cbpe } from './cbpe.ts';
import type { LabelledPredictions } from './sampling-error.ts';

/**
 * Rows whose probabilities are true. `lean` shifts which rows come: above 1, those of which the classifier is
 * unsure are rarer.
 */
function calibrated(n: number, lean: number, seed: number): LabelledPredictions {
  const random = createRandom(seed);
  const probabilities = Float64Array.from({ length: n }, () => {
    const away = 0.5 * random() ** (1 / lean);
    return random() < 0.4 ? 0.5 + away : 0.5 - away;
  });
  return {
    probabilities,
    predicted: Int32Array.from(probabilities, (p) => (p > 0.5 ? 1 : 0)),
    outcomes: Int32Array.from(probabilities, (p) => (random() < p ? 1 : 0)),
  };
}

function inChunks(rows: number, size: number): Int32Array[] {
  return Array.from({ length: rows / size }, (_, c) =>
    Int32Array.from({ length: size }, (__, i) => c * size + i),
  );
}

function fitted(reference: LabelledPredictions, size: number): Cbpe {
  const cbpe = fitCbpe(reference, inChunks(reference.outcomes.length, size), 1);
  assert.equal(cbpe.kind, 'cbpe');
  return cbpe;
}

test('on calibrated data the estimate is the realised metric in expectation', () => {
  const RUNS = 200;
  for (const metric of BINARY_METRICS) {
    let difference = 0;
    let squares = 0;
    for (let run = 0; run < RUNS; run++) {
      const sample = calibrated(400, 1, run + 1);
      const realised = binaryMetric(metric, sample, Float64Array.from(sample.outcomes))!;
      const gap = binaryMetric(metric, sample, sample.probabilities)! - realised;
      difference += gap / RUNS;
      squares += gap ** 2 / RUNS;
    }
    // 4 standard errors: chance would fail one metric in 15,000
    const standardError = Math.sqrt((squares - difference ** 2) / RUNS);
    assert.ok(Math.abs(difference) < 4 * standardError, `${metric}: ${difference}`);
  }
});

test('the sampling error is how far the metric strays, but too much for F1 and too little for the AUC', () => {
  const RUNS = 300;
  const cbpe = fitted(calibrated(20_000, 1, 1), 1000);
  for (const metric of BINARY_METRICS) {
    const values = Array.from({ length: RUNS }, (_, run) => {
      const sample = calibrated(500, 1, 1000 + run);
      return binaryMetric(metric, sample, Float64Array.from(sample.outcomes))!;
    });
    const mean = values.reduce((sum, x) => sum + x, 0) / RUNS;
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / RUNS);
    const { samplingError } = estimateCbpe(cbpe, calibrated(500, 1, 5))[metric]!;
    const ratio = samplingError / deviation;
    const [low, high] =
      metric === 'f1' ? [1.3, 1.7] : metric === 'rocAuc' ? [0.6, 0.9] : [0.85, 1.15];
    assert.ok(ratio > low && ratio < high, `${metric}: ${ratio}`);
  }
});

test('a shift to rows that the classifier is sure of is seen without labels', () => {
  const cbpe = fitted(calibrated(10_000, 1, 2), 1000);
  const same = estimateCbpe(cbpe, calibrated(1000, 1, 3));
  const surer = calibrated(1000, 4, 4);
  const shifted = estimateCbpe(cbpe, surer);
  assert.equal(same.accuracy?.alarm, false);
  assert.equal(shifted.accuracy?.alarm, true);
  const realised = binaryMetric('accuracy', surer, Float64Array.from(surer.outcomes))!;
  assert.ok(Math.abs(shifted.accuracy.value - realised) < 3 * shifted.accuracy.samplingError);
});

test('a classifier that is too sure of itself is estimated by its calibrated probabilities', () => {
  const overconfident = (sample: LabelledPredictions): LabelledPredictions => ({
    ...sample,
    probabilities: sample.probabilities.map((p) => p ** 3 / (p ** 3 + (1 - p) ** 3)),
  });
  const cbpe = fitted(overconfident(calibrated(10_000, 1, 6)), 1000);
  assert.notEqual(cbpe.calibration, null);
  const chunk = overconfident(calibrated(5000, 1, 7));
  const realised = binaryMetric('accuracy', chunk, Float64Array.from(chunk.outcomes))!;
  const naive = binaryMetric('accuracy', chunk, chunk.probabilities)!;
  assert.ok(naive - realised > 0.05);
  assert.ok(Math.abs(estimateCbpe(cbpe, chunk).accuracy!.value - realised) < 0.02);
});

test('metrics of known outcomes are the textbook ones, ties in the AUC half', () => {
  const sample = {
    probabilities: Float64Array.of(0.9, 0.6, 0.6, 0.4, 0.2),
    predicted: Int32Array.of(1, 1, 1, 0, 0),
  };
  const positive = Float64Array.of(1, 1, 0, 0, 1);
  const expected = [3 / 5, 4 / 6, 2 / 3, 2 / 3, 1 / 2, 3.5 / 6];
  BINARY_METRICS.forEach((metric, i) => {
    assert.ok(Math.abs(binaryMetric(metric, sample, positive)! - expected[i]!) < 1e-12, metric);
  });
});

test('estimates are within [0, 1] with their intervals, whatever the chunk', () => {
  const cbpe = fitted(calibrated(1000, 1, 8), 200);
  const rows = fc.array(fc.tuple(fc.nat(20), fc.nat(1)), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(rows, (chunk) => {
      const estimates = estimateCbpe(cbpe, {
        probabilities: Float64Array.from(chunk, ([p]) => p / 20),
        predicted: Int32Array.from(chunk, ([, label]) => label),
      });
      for (const { value, low, high, samplingError } of Object.values(estimates)) {
        assert.ok(0 <= low && low <= value && value <= high && high <= 1);
        assert.ok(Number.isFinite(samplingError));
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a metric that the chunk does not have is absent, and raises no alarm', () => {
  const cbpe = fitted(calibrated(1000, 1, 9), 200);
  const none = { probabilities: Float64Array.of(0.1, 0.3), predicted: Int32Array.of(0, 0) };
  const estimates = estimateCbpe(cbpe, none);
  assert.equal(estimates.precision, undefined);
  assert.equal(estimates.recall?.value, 0);
});

test('what was learned survives being stored as JSON', () => {
  const cbpe = fitted(calibrated(1000, 1, 10), 200);
  assert.deepEqual(JSON.parse(JSON.stringify(cbpe)), cbpe);
});

test('too few chunks, or rows of a class, are said to be too few', () => {
  const sample = calibrated(1000, 1, 11);
  const few = fitCbpe(sample, inChunks(1000, 250), 1);
  assert.equal(few.kind, 'insufficient');
  assert.match(few.reason, /4 chunks of reference, at least 5 are needed/);
  const oneClass = fitCbpe({ ...sample, outcomes: new Int32Array(1000) }, inChunks(1000, 100), 1);
  assert.equal(oneClass.kind, 'insufficient');
  assert.match(oneClass.reason, /0 rows of the reference are positive, at least 10 are needed/);
});

test('samples that are not as they must be are refused with what is wrong', () => {
  const sample = calibrated(1000, 1, 12);
  const chunks = inChunks(1000, 100);
  const predicted = new Int32Array(3);
  assert.throws(() => fitCbpe({ ...sample, predicted }, chunks, 1), /3 predicted classes for 1000/);
  assert.throws(() => fitCbpe(sample, [new Int32Array(0)], 1), /chunk 1 has no row/);
  assert.throws(() => fitCbpe(sample, [Int32Array.of(1000)], 1), /row 1000; .* rows 0 to 999/);
  const cbpe = fitted(sample, 100);
  const probabilities = Float64Array.of(1.5);
  assert.throws(
    () => estimateCbpe(cbpe, { probabilities, predicted: Int32Array.of(1) }),
    /probability 1 is 1.5, not in \[0, 1\]/,
  );
  assert.throws(
    () => estimateCbpe(cbpe, { probabilities: Float64Array.of(0.5), predicted: Int32Array.of(7) }),
    /predicted class 1 is 7, not 0 or 1/,
  );
  const nothing = { probabilities: new Float64Array(0), predicted: new Int32Array(0) };
  assert.throws(() => estimateCbpe(cbpe, nothing), /the chunk has no row/);
});
