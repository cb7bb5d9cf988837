import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { learnSchema } from '../input/encoder.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { metricsOf } from '../metrics/metrics.ts';
import { scored } from '../metrics/scored.ts';
import type { ModelSchema, Task } from '../model.ts';
import { outcomesOf } from '../metrics/outcomes.ts';
import { isBoosting } from './boosted-model.ts';
import type { BoostingModel } from './boosted-model.ts';
import { loadModel } from '../artefact/artefact.ts';
import { decodeContainer, encodeContainer } from '../artefact/container.ts';
import { boostInSteps, resumeBoosting, startBoosting } from './boost.ts';
import { finishBoosting, fitBoosting } from './boosting.ts';
import { prepareBoosting } from './boosting-set.ts';
import { curvatureShare } from './grow-leaves.ts';
import { createBoostingKernel, FEATURE_SIZE } from './kernel/kernel.ts';
import type { BoostingMemory } from './kernel/kernel.ts';
import { DEFAULT_BOOSTING } from './params.ts';
import type { BoostingParams } from './params.ts';
import { decodeBoostedTrees, encodeBoostedTrees } from './trees-artefact.ts';
import { isCannot, updateModel } from '../update.ts';

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
  const trees = (of: Table, validation?: number): unknown =>
    fit(of, 'dear', 'classification', {
      ...own,
      ...(validation === undefined ? {} : { validation }),
    }).boosted.trees;
  assert.deepEqual(trees(table), trees(table, 0.1));
  assert.deepEqual(trees(less), trees(less, 0));
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

/** A kernel with random derivatives of two slots of histograms; curvatures are packed as `share` says. */
function kernelWith(
  codes: Uint8Array,
  rows: number,
  random: () => number,
): BoostingMemory & { readonly share: number; histogram(slot: number): Float64Array } {
  const features = codes.length / rows;
  const memory = createBoostingKernel({ rows, features, outputs: 1, slots: 3 }, codes);
  for (let i = 0; i < rows; i++) {
    memory.gradients[i] = random() - 0.5;
    memory.curvatures[i] = 0.05 + random() / 5;
  }
  const share = curvatureShare(rows / 4);
  const { kernel } = memory;
  kernel.beginTree(share);
  const size = Math.ceil(features / 4) * 4 * FEATURE_SIZE;
  const at = (slot: number): number => kernel.histograms.value + slot * size * 8;
  return {
    ...memory,
    share,
    histogram: (slot) => new Float64Array(kernel.memory.buffer, at(slot), size).slice(),
  };
}

test('derivatives of the log-loss are those of its formula, for any score', () => {
  const random = createRandom(6);
  for (const n of [1, 2, 301]) {
    const memory = createBoostingKernel(
      { rows: n, features: 1, outputs: 1, slots: 1 },
      new Uint8Array(n),
    );
    const { scores, outcomes, weights, gradients, curvatures, kernel } = memory;
    for (let i = 0; i < n; i++) {
      const magnitude = 10 ** (6 * random() - 3);
      scores[i] = random() < 0.5 ? magnitude : -magnitude;
      outcomes[i] = i % 2;
      weights[i] = random();
    }
    for (const weighted of [false, true]) {
      kernel.logisticDerivatives(weighted);
      for (let i = 0; i < n; i++) {
        const weight = weighted ? weights[i]! : 1;
        const p = 1 / (1 + Math.exp(-scores[i]!));
        const near = (found: number, expected: number): boolean =>
          Math.abs(found - expected) <= 4e-16 * weight + 1e-300;
        assert.ok(near(gradients[i]!, weight * (p - outcomes[i]!)), `${scores[i]}`);
        assert.ok(near(curvatures[i]!, weight * p * (1 - p)), `${scores[i]}`);
      }
    }
  }
});

test('a histogram has the sums of the derivatives of the rows of each bin', () => {
  const random = createRandom(7);
  const n = 300;
  for (const p of [1, 3, 4, 9]) {
    const codes = Uint8Array.from({ length: n * p }, () => Math.floor(random() * 256));
    const { kernel, gradients, curvatures, share, histogram } = kernelWith(codes, n, random);
    kernel.fill(0, n, 0);
    const expected = new Float64Array(p * FEATURE_SIZE);
    codes.forEach((code, c) => {
      const row = c % n;
      const at = Math.floor(c / n) * FEATURE_SIZE + 2 * code;
      expected[at]! += gradients[row]!;
      expected[at + 1]! += 1 + curvatures[row]! * share;
    });
    assert.deepEqual(histogram(0).subarray(0, expected.length), expected);
  }
});

test('what is left of a histogram when one child is taken away is that of the other', () => {
  const random = createRandom(8);
  const n = 500;
  const p = 6;
  const codes = Uint8Array.from({ length: n * p }, () => Math.floor(random() * 256));
  const { kernel, histogram, share } = kernelWith(codes, n, random);
  const split = (slot: number): readonly number[] => {
    kernel.findSplit(slot, 20, 0, share);
    return [kernel.splitFeature.value, kernel.splitBin.value, kernel.missingSide.value];
  };
  kernel.fill(0, n, 0);
  const middle = kernel.partition(0, n, 2, 99, false);
  assert.equal(middle, codes.subarray(2 * n, 3 * n).filter((code) => code <= 99).length);
  kernel.fill(0, middle, 1);
  kernel.fill(middle, n, 2);
  kernel.subtract(0, 1);
  const right = histogram(2);
  histogram(0).forEach((value, at) => assert.ok(Math.abs(value - right[at]!) < 1e-12));
  assert.deepEqual(split(0), split(2));
});

test('the best split is the one that a search of all of them finds', () => {
  const random = createRandom(9);
  for (let round = 0; round < 20; round++) {
    const n = 120;
    const codes = Uint8Array.from({ length: n }, () =>
      random() < 0.1 ? 255 : Math.floor(random() * 12) * 20,
    );
    const { kernel, gradients, curvatures, share } = kernelWith(codes, n, random);
    kernel.fill(0, n, 0);
    kernel.findSplit(0, 10, 1, share);
    const found = kernel.gain.value;
    let best = 0;
    for (let cut = 0; cut < 255; cut++) {
      for (const missingLeft of [false, true]) {
        best = Math.max(best, gainOf(codes, gradients, curvatures, cut, missingLeft));
      }
    }
    assert.ok(Math.abs(found - best) < 1e-9 * Math.max(1, best), `${found}, ${best}`);
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
  const features = Array.from({ length: 32_000 }, (_, j) => ({
    kind: 'numeric' as const,
    name: `x${j}`,
  }));
  assert.throws(
    () =>
      fitBoosting(table, allRows(table), { ...schema, features }, { ...params, maxLeaves: 40 }, 1),
    /60 rows × 32000 features and trees of 40 leaves need \d+ MB, more than 4096 MB/,
  );
});

test('however many iterations are made at a time, and after a break too, the trees are the same', () => {
  const table = houses(900, 11);
  for (const [target, task, validation] of [
    ['dear', 'classification', 0],
    ['band', 'classification', 0.2],
    ['price', 'regression', 0.2],
  ] as const) {
    const schema = schemaOf(table, target, task);
    const own = { ...params, validation, patience: 3, iterations: 25 };
    const whole = fitBoosting(table, allRows(table), schema, own, 1);
    const set = structuredClone(prepareBoosting(table, allRows(table), schema, own, 1));
    let state = startBoosting(set);
    while (!state.isFinished) {
      state = structuredClone(boostInSteps(set, state, 4));
      const kept = decodeBoostedTrees(encodeBoostedTrees(state.trees), schema.features.length);
      const resumed = resumeBoosting(set, kept);
      assert.deepEqual(resumed, { ...state, isFinished: resumed.isFinished });
      assert.ok(state.isFinished || !resumed.isFinished);
      assert.ok(Number.isFinite(state.loss));
      state = resumed;
      if (boostInSteps(set, state, 1).isFinished) break;
    }
    state = boostInSteps(set, state, own.iterations);
    assert.deepEqual(finishBoosting(set, state).toBytes(), whole.toBytes());
  }
});

test('a row of weight 3 counts as three rows', () => {
  const table = houses(300, 12);
  for (const [target, task] of [
    ['dear', 'classification'],
    ['band', 'classification'],
    ['price', 'regression'],
  ] as const) {
    // Rows are counted for minLeaf and for bins, so neither may matter.
    const few = roundedTo(table, 10);
    const schema = schemaOf(few, target, task);
    const own = { ...params, minLeaf: 1, l2: 1, iterations: 10, maxLeaves: 6 };
    const weights = Float64Array.from(allRows(few), (row) => 1 + (row % 3));
    const repeated = Int32Array.from(
      [...allRows(few)].flatMap((row) => Array<number>(1 + (row % 3)).fill(row)),
    );
    const weighted = fitBoosting(few, allRows(few), schema, own, 1, weights).predict(few);
    const expected = fitBoosting(few, repeated, schema, own, 1).predict(few);
    const [found, wanted] = [weighted, expected].map((own) =>
      own.kind === 'regression' ? own.values : own.probabilities,
    );
    found!.forEach((value, i) => {
      const near = Math.abs(value - wanted![i]!) < 1e-6 * Math.max(1, Math.abs(value));
      assert.ok(near, `${target}, ${i}: ${value}, expected ${wanted![i]}`);
    });
  }
});

function roundedTo(table: Table, unit: number): Table {
  return {
    rows: table.rows,
    columns: table.columns.map((column) =>
      column.kind === 'numeric' && column.name !== 'price'
        ? { ...column, values: column.values.map((value) => Math.round(value / unit) * unit) }
        : column,
    ),
  };
}

test('a model goes on learning from other rows, and is better on them', () => {
  const table = houses(600, 13);
  const moved = {
    rows: 600,
    columns: houses(600, 14).columns.map((column) =>
      column.name === 'price' && column.kind === 'numeric'
        ? { ...column, values: column.values.map((value) => value + 60) }
        : column,
    ),
  };
  const first = fit(table, 'price', 'regression');
  const further = updateModel(first, moved, allRows(moved), { decay: 1, seed: 1 });
  assert.ok(!isCannot(further) && isBoosting(further));
  assert.equal(further.iterations, first.iterations * 1.5);
  assert.ok(score(further, moved).rmse! < score(first, moved).rmse! / 2);
  const { boosted } = loadModel(further.toBytes()) as BoostingModel;
  assert.deepEqual(boosted, further.boosted);
});

test('artefacts of before trees knew their gains and models could go on still load', () => {
  const table = houses(300, 15);
  const model = fit(table, 'dear', 'classification');
  const { kind, meta, arrays } = decodeContainer(model.toBytes());
  const own = { ...(meta as Record<string, unknown>) };
  delete own['training'];
  const rest = Object.fromEntries(Object.entries(arrays).filter(([name]) => name !== 'gain'));
  const old = encodeContainer({ kind, meta: own, arrays: rest });
  const loaded = loadModel(old) as BoostingModel;
  assert.deepEqual(loaded.predict(table), model.predict(table));
  assert.deepEqual(loaded.toBytes(), old);
  const further = updateModel(loaded, table, allRows(table), { seed: 1 });
  assert.ok(isCannot(further) && /of an earlier version/.test(further.reason));
});
