import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { loadModel } from '../artefact/artefact.ts';
import { learnSchema } from '../input/encoder.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { metricsOf } from '../metrics/metrics.ts';
import type { Model, Task } from '../model.ts';
import { outcomesOf } from '../metrics/outcomes.ts';
import { scored } from '../metrics/scored.ts';
import { growTrees } from './chunk.ts';
import { assembleForest, isForest } from './forest.ts';
import type { ForestModel } from './forest.ts';
import { DEFAULT_FOREST } from './params.ts';
import type { ForestParams } from './params.ts';
import { refreshLeaves } from './refresh-leaves.ts';
import { prepareForest } from './training-set.ts';
import { treeAt, treeCount } from './trees.ts';
import { isCannot, updateModel } from '../update.ts';
import { prepareFurtherTrees, replaceTrees, treeErrors } from './update.ts';

const params: ForestParams = { ...DEFAULT_FOREST, trees: 20 };

function fit(table: Table, target: string, task: Task, own: ForestParams = params): ForestModel {
  const ignore = ['price', 'dear', 'band'].filter((name) => name !== target);
  const schema = learnSchema(table, allRows(table), { target, task, ignore });
  const set = prepareForest(table, allRows(table), schema, own, 1);
  return assembleForest(set, [growTrees(set, 0, own.trees)]);
}

function updated(
  model: ForestModel,
  table: Table,
  options: { readonly decay: number; readonly seed: number },
): ForestModel {
  const result = updateModel(model, table, allRows(table), options);
  assert.ok(!isCannot(result) && isForest(result));
  return result;
}

function score(model: Model, table: Table): ReturnType<typeof metricsOf> {
  return metricsOf(scored(model.predict(table), outcomesOf(table, model.schema)));
}

/** Houses whose class is the opposite of what it was. */
function turned(rows: number, seed: number): Table {
  const table = houses(rows, seed);
  return {
    rows,
    columns: table.columns.map((column) =>
      column.name === 'dear' && column.kind === 'categorical'
        ? { ...column, codes: column.codes.map((code) => 1 - code) }
        : column,
    ),
  };
}

test('a forest that goes on learning comes round to a world that turned, and keeps its schema', () => {
  const model = fit(houses(400, 1), 'dear', 'classification');
  const later = turned(400, 2);
  const test = turned(400, 3);
  assert.ok(score(model, test).accuracy! < 0.2);
  const options = { decay: 0.5, seed: 5 };
  let last = model;
  for (let file = 0; file < 3; file++) last = updated(last, later, options);
  assert.ok(score(last, test).accuracy! > 0.85);
  assert.deepEqual(last.schema, model.schema);
  assert.equal(treeCount(last.forest.trees), 20);
});

test('in a world that stays as it is, further rows make a small forest better', () => {
  for (const [target, task, better] of [
    ['band', 'classification', 'accuracy'],
    ['price', 'regression', 'r2'],
  ] as const) {
    const model = fit(houses(150, 4), target, task);
    const later = houses(1000, 5);
    const further = updated(model, later, { decay: 1, seed: 1 });
    const unseen = houses(1000, 6);
    assert.ok(score(further, unseen)[better]! > score(model, unseen)[better]!);
  }
});

test('an update gives the same bytes each time, and can be stored, loaded and updated again', () => {
  const model = fit(houses(200, 7), 'band', 'classification');
  const later = houses(100, 8);
  const update = (from: ForestModel): Uint8Array =>
    updated(from, later, { decay: 0.5, seed: 3 }).toBytes();
  const loaded = loadModel(model.toBytes());
  assert.ok(isForest(loaded));
  assert.deepEqual(update(model), update(loaded));
  const again = loadModel(update(model));
  assert.ok(isForest(again));
  assert.equal(again.forest.training?.rows, 200);
});

test('a forest whose artefact does not say how it was grown cannot go on learning', () => {
  const model = fit(houses(60, 9), 'dear', 'classification');
  const old = { ...model, forest: { ...model.forest, training: undefined } };
  const result = updateModel(old, houses(50, 1), allRows(houses(50, 1)), { seed: 1 });
  assert.ok(isCannot(result) && /artefact lacks the sums/.test(result.reason));
});

test('replaced trees are grown on the new rows and stand where the old ones stood; the others stay', () => {
  const model = fit(houses(200, 10), 'dear', 'classification');
  const later = houses(120, 11);
  const two = { params: { ...params, trees: 2 }, seed: 1 };
  const set = prepareFurtherTrees(model, later, allRows(later), two);
  const further = assembleForest(set, [growTrees(set, 0, 2)]);
  const { forest } = replaceTrees(model, further, [7, 0]);
  const grown = further.forest.trees;
  assert.deepEqual(treeAt(forest.trees, 7), treeAt(grown, 0));
  assert.deepEqual(treeAt(forest.trees, 0), treeAt(grown, 1));
  for (const kept of [1, 6, 8, 19]) {
    assert.deepEqual(treeAt(forest.trees, kept), treeAt(model.forest.trees, kept));
  }
  assert.throws(() => replaceTrees(model, further, [1]), /1 trees named, different ones, for 2/);
  assert.throws(() => replaceTrees(model, further, [1, 1]), /2 trees named, different ones, for 2/);
  assert.throws(() => replaceTrees(model, further, [1, 20]), /no tree 20 in a forest of 20/);
});

test('the error of a tree is the Brier score or mean squared error of the forest that it alone would be', () => {
  const later = houses(300, 12);
  for (const [target, task] of [
    ['band', 'classification'],
    ['price', 'regression'],
  ] as const) {
    const model = fit(houses(200, 13), target, task);
    const errors = treeErrors(model, later, allRows(later));
    for (const t of [0, 19]) {
      const alone = assembleAlone(model, t);
      const predictions = alone.predict(later);
      const outcomes = outcomesOf(later, model.schema);
      let sum = 0;
      for (let i = 0; i < later.rows; i++) {
        if (predictions.kind === 'regression' && outcomes.kind === 'regression') {
          sum += (predictions.values[i]! - outcomes.values[i]!) ** 2;
        } else if (predictions.kind === 'classification' && outcomes.kind === 'classification') {
          for (let k = 0; k < 4; k++) {
            const share = predictions.probabilities[4 * i + k]!;
            sum += (share - (outcomes.labels[i] === k ? 1 : 0)) ** 2;
          }
        }
      }
      assert.ok(Math.abs(errors[t]! / (sum / later.rows) - 1) < 1e-6);
    }
    const double = Float64Array.from({ length: 300 }, (_, i) => (i < 100 ? 2 : 0));
    const some = allRows(later).subarray(0, 100);
    const weighted = treeErrors(model, later, allRows(later), double);
    treeErrors(model, later, some).forEach((error, t) => {
      assert.ok(Math.abs(weighted[t]! - error) < 1e-9 * error);
    });
  }
});

/** A forest of one tree of another. */
function assembleAlone(model: ForestModel, tree: number): ForestModel {
  const { forest } = model;
  const set = { ...forest, params: { ...params, trees: 1 }, seed: 1, rows: 1 };
  const chunk = { firstTree: 0, count: 1, trees: treeAt(forest.trees, tree) };
  const codes = new Uint8Array(new SharedArrayBuffer(0));
  const targets = { kind: 'regression', values: new Float64Array(0) } as const;
  return assembleForest({ ...set, codes, targets }, [chunk]);
}

test('a leaf becomes the mean of the rows it stands for and of the new rows in it', () => {
  const table = tableOf(numbers('x', [0, 0, 1, 1]), numbers('y', [10, 10, 20, 20]));
  const schema = learnSchema(table, allRows(table), {
    target: 'y',
    task: 'regression',
    ignore: [],
  });
  const set = prepareForest(table, allRows(table), schema, { ...params, trees: 1 }, 1);
  const model = assembleForest(set, [growTrees(set, 0, 1)]);
  const later = tableOf(numbers('x', [0, 0, 0]), numbers('y', [40, 40, 40]));
  const values = (known: number, weights?: Float64Array): number[] => {
    const refreshed = refreshLeaves(model, later, allRows(later), { known, weights });
    const predictions = refreshed.predict(table);
    assert.ok(predictions.kind === 'regression');
    return [...predictions.values];
  };
  const close = (found: number[], expected: number[]): void =>
    found.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 1e-5, `${value}`));
  close(values(0), [40, 40, 20, 20]);
  // Of 6 rows each of the two leaves stands for 3.
  close(values(6), [25, 25, 20, 20]);
  close(values(6, Float64Array.of(1, 0, 0)), [17.5, 17.5, 20, 20]);
  assert.throws(() => values(-1), /known must be 0 or more rows, got -1/);
});

test('a refreshed leaf may say a class that it did not know', () => {
  const table = tableOf(numbers('x', [0, 0, 1, 1]), texts('y', ['a', 'a', 'b', 'b']));
  const schema = learnSchema(table, allRows(table), {
    target: 'y',
    task: 'classification',
    ignore: [],
  });
  const set = prepareForest(table, allRows(table), schema, { ...params, trees: 10 }, 1);
  const model = assembleForest(set, [growTrees(set, 0, 10)]);
  const later = tableOf(numbers('x', [0, 0]), texts('y', ['b', 'b']));
  const refreshed = refreshLeaves(model, later, allRows(later), { known: 0 });
  const predictions = refreshed.predict(takeRows(table, Int32Array.of(0)));
  assert.ok(predictions.kind === 'classification');
  assert.deepEqual(predictions.probabilities, Float64Array.of(0, 1));
});
