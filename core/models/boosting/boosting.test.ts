import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { learnSchema } from '../encoder.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { metricsOf } from '../metrics.ts';
import { scored } from '../scored.ts';
import type { ModelSchema, Task } from '../model.ts';
import { outcomesOf } from '../outcomes.ts';
import type { BoostingModel } from './boosted-model.ts';
import { fitBoosting } from './boosting.ts';
import { bestSplit, curvatureShare, FEATURE_SIZE, fillHistograms } from './histogram.ts';
import { subtractHistograms } from './histogram.ts';
import { DEFAULT_BOOSTING } from './params.ts';
import type { BoostingParams } from './params.ts';

const params: BoostingParams = { ...DEFAULT_BOOSTING, iterations: 40, minLeaf: 5 };

function schemaOf(table: Table, target: string, task: Task): ModelSchema {
  const ignore = ['price', 'dear', 'band', 'y'].filter((name) => name !== target);
  return learnSchema(table, allRows(table), { target, task, ignore });
}

function fit(
  table: Table,
  target: string,
  task: Task,
  own: Partial<BoostingParams> = {},
  seed = 1,
): BoostingModel {
  const schema = schemaOf(table, target, task);
  return fitBoosting(table, allRows(table), schema, { ...params, ...own }, seed);
}

function score(model: BoostingModel, table: Table): ReturnType<typeof metricsOf> {
  return metricsOf(scored(model.predict(table), outcomesOf(table, model.schema)));
}

function regressionValues(model: BoostingModel, table: Table): Float64Array {
  const predictions = model.predict(table);
  assert.ok(predictions.kind === 'regression');
  return predictions.values;
}

test('boosting predicts two classes, four classes and a number on rows it has not seen', () => {
  const table = houses(1500, 1);
  const later = houses(1000, 2);
  assert.ok(score(fit(table, 'dear', 'classification'), later).accuracy! > 0.94);
  assert.ok(score(fit(table, 'band', 'classification'), later).accuracy! > 0.87);
  assert.ok(score(fit(table, 'price', 'regression'), later).r2! > 0.95);
});

test('one tree of two leaves at full rate says the mean of either side of the best cut', () => {
  const table = tableOf(numbers('x', [1, 2, 3, 4, 5, 6]), numbers('y', [1, 2, 3, 20, 22, 24]));
  const model = fit(table, 'y', 'regression', {
    iterations: 1,
    learningRate: 1,
    maxLeaves: 2,
    minLeaf: 1,
  });
  const expected = [2, 2, 2, 22, 22, 22];
  regressionValues(model, table).forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) < 1e-9, `row ${i}: ${value}`);
  });
});

test('on which side missing values belong is learned, whichever it is', () => {
  const random = createRandom(3);
  for (const missingMeans of [0, 10]) {
    const x = Array.from({ length: 300 }, () => (random() < 0.3 ? null : random()));
    const y = x.map((value) => (value === null ? missingMeans : value > 0.5 ? 10 : 0));
    const table = tableOf(numbers('x', x), numbers('y', y));
    const model = fit(table, 'y', 'regression', { iterations: 60, learningRate: 0.3 });
    const [missing, low, high] = regressionValues(model, tableOf(numbers('x', [null, 0.1, 0.9])));
    assert.ok(Math.abs(missing! - missingMeans) < 0.1, `${missing}`);
    assert.ok(Math.abs(low!) < 0.1 && Math.abs(high! - 10) < 0.1);
  }
});

test('a categorical effect is found that is in no order of the names', () => {
  const names = Array.from({ length: 40 }, (_, c) => `c${(c * 37) % 40}`);
  const rows = Array.from({ length: 1200 }, (_, i) => i);
  const table = tableOf(
    texts(
      'c',
      rows.map((i) => names[i % 40]!),
    ),
    texts(
      'y',
      rows.map((i) => ((i % 40) % 2 === 0 ? 'even' : 'odd')),
    ),
  );
  const model = fit(table, 'y', 'classification', { iterations: 1, maxLeaves: 2 });
  assert.equal(score(model, table).accuracy, 1, 'one split is enough');
});

test('with validation rows, fitting stops once they gain nothing, and keeps the best iterations', () => {
  const random = createRandom(4);
  const x = Array.from({ length: 800 }, () => random());
  const table = tableOf(
    numbers('x', x),
    numbers(
      'noise',
      x.map(() => random()),
    ),
    texts(
      'y',
      x.map((value) => (random() < (value > 0.5 ? 0.8 : 0.2) ? 'a' : 'b')),
    ),
  );
  const stopped = fit(table, 'y', 'classification', { iterations: 400, validation: 0.3 });
  assert.ok(stopped.iterations > 0 && stopped.iterations < 100, `${stopped.iterations}`);
  const all = fit(table, 'y', 'classification', { iterations: 400, validation: 0 });
  assert.equal(all.iterations, 400);
  assert.ok(score(stopped, table).accuracy! < score(all, table).accuracy!, 'it fits noise less');
});

test('validation rows are held out by themselves only from 10,000 rows on', () => {
  const table = houses(10_000, 5);
  const less = takeRows(
    table,
    Int32Array.from({ length: 9999 }, (_, i) => i),
  );
  const own = { iterations: 2, maxLeaves: 4 };
  const bytes = (of: Table, validation?: number): Uint8Array =>
    fit(of, 'dear', 'classification', {
      ...own,
      ...(validation === undefined ? {} : { validation }),
    }).toBytes();
  assert.deepEqual(bytes(table), bytes(table, 0.1));
  assert.deepEqual(bytes(less), bytes(less, 0));
});

test('the seed decides which rows are held out, and nothing else', () => {
  const table = houses(400, 6);
  const bytes = (seed: number, validation: number): Uint8Array =>
    fit(table, 'dear', 'classification', { validation }, seed).toBytes();
  assert.deepEqual(bytes(1, 0), bytes(2, 0));
  assert.deepEqual(bytes(1, 0.3), bytes(1, 0.3));
  assert.notDeepEqual(bytes(1, 0.3), bytes(2, 0.3));
});

test('leaves have the rows that minLeaf asks for, and larger l2 takes smaller steps', () => {
  const table = houses(200, 7);
  const single = fit(table, 'price', 'regression', { minLeaf: 101 });
  assert.equal(single.iterations, 0, 'no split leaves 101 rows on both sides');
  const spread = (l2: number): number => {
    const values = regressionValues(fit(table, 'price', 'regression', { l2 }), table);
    return Math.max(...values) - Math.min(...values);
  };
  assert.ok(spread(1000) < spread(0));
});

test('what is left of a histogram when one child is taken away is that of the other', () => {
  const random = createRandom(8);
  const n = 500;
  const p = 6;
  const codes = Uint8Array.from({ length: n * p }, () => Math.floor(random() * 256));
  const bag = {
    rows: Int32Array.from({ length: n }, (_, i) => i),
    gradients: Float64Array.from({ length: n }, () => random() - 0.5),
    curvatures: Float64Array.from({ length: n }, () => random() / 4),
    share: curvatureShare(n, false),
  };
  const histograms = (start: number, end: number): Float64Array => {
    const out = new Float64Array(p * FEATURE_SIZE);
    fillHistograms(bag, codes, start, end, new Float64Array(2 * n), out);
    return out;
  };
  const rest = histograms(0, n);
  subtractHistograms(rest, histograms(0, 200));
  const right = histograms(200, n);
  rest.forEach((value, at) => assert.ok(Math.abs(value - right[at]!) < 1e-12));
  const rules = { minLeaf: 20, l2: 0, share: bag.share };
  const { feature, bin, missingLeft } = bestSplit(right, rules);
  const again = bestSplit(rest, rules);
  assert.deepEqual([again.feature, again.bin, again.missingLeft], [feature, bin, missingLeft]);
});

test('the best split is the one that a search of all of them finds', () => {
  const random = createRandom(9);
  for (let round = 0; round < 20; round++) {
    const n = 120;
    const codes = Uint8Array.from({ length: n }, () =>
      random() < 0.1 ? 255 : Math.floor(random() * 12) * 20,
    );
    const gradients = Float64Array.from({ length: n }, () => random() - 0.5);
    const curvatures = Float64Array.from({ length: n }, () => 0.05 + random() / 5);
    const share = curvatureShare(n, false);
    const out = new Float64Array(FEATURE_SIZE);
    const rows = Int32Array.from({ length: n }, (_, i) => i);
    const bag = { rows, gradients, curvatures, share };
    fillHistograms(bag, codes, 0, n, new Float64Array(2 * n), out);
    const found = bestSplit(out, { minLeaf: 10, l2: 1, share });
    let best = 0;
    for (let cut = 0; cut < 255; cut++) {
      for (const missingLeft of [false, true]) {
        best = Math.max(best, gainOf(codes, gradients, curvatures, cut, missingLeft));
      }
    }
    assert.ok(Math.abs(found.gain - best) < 1e-9 * Math.max(1, best), `${found.gain}, ${best}`);
  }
});

/** The gain of a split by its definition; 0 where a child has fewer than 10 rows. */
function gainOf(
  codes: Uint8Array,
  gradients: Float64Array,
  curvatures: Float64Array,
  cut: number,
  missingLeft: boolean,
): number {
  const sides = [0, 1].map(() => ({ gradient: 0, curvature: 0, rows: 0 }));
  codes.forEach((code, i) => {
    const goesLeft = code === 255 ? missingLeft : code <= cut;
    const side = sides[goesLeft ? 0 : 1]!;
    side.gradient += gradients[i]!;
    side.curvature += curvatures[i]!;
    side.rows++;
  });
  const [left, right] = [sides[0]!, sides[1]!];
  if (left.rows < 10 || right.rows < 10) return 0;
  const term = (gradient: number, curvature: number): number => gradient ** 2 / (curvature + 1);
  const whole = term(left.gradient + right.gradient, left.curvature + right.curvature);
  return term(left.gradient, left.curvature) + term(right.gradient, right.curvature) - whole;
}

test('parameters out of range, too many classes and too much memory are refused', () => {
  const table = houses(60, 10);
  const refused = (own: Partial<BoostingParams>, message: RegExp): void =>
    assert.throws(() => fit(table, 'dear', 'classification', own), message);
  refused({ iterations: 0 }, /iterations must be a whole number from 1 .*, got 0/);
  refused({ learningRate: 0 }, /learningRate must be in \(0, 1\], got 0/);
  refused({ maxLeaves: 1 }, /maxLeaves .* from 2 to 1024, got 1/);
  refused({ minLeaf: 0 }, /minLeaf .* got 0/);
  refused({ l2: -1 }, /l2 must be 0 or more, got -1/);
  refused({ validation: 1 }, /validation must be a share in \[0, 1\), got 1/);
  refused({ patience: 0 }, /patience .* got 0/);
  const schema = schemaOf(table, 'dear', 'classification');
  const classes = Array.from({ length: 101 }, (_, k) => `k${k}`);
  assert.throws(
    () => fitBoosting(table, allRows(table), { ...schema, classes }, params, 1),
    /at most 100 classes are supported, got 101/,
  );
  const features = Array.from({ length: 9000 }, (_, j) => ({
    kind: 'numeric' as const,
    name: `x${j}`,
  }));
  assert.throws(
    () => fitBoosting(table, allRows(table), { ...schema, features }, params, 1),
    /9000 features and trees of 31 leaves need \d+ MB of histograms, more than 1024 MB/,
  );
});
