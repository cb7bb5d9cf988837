import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { takeRows } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import { isCalibrated } from '../wrapped/calibrated.ts';
import type { EstimatorParams } from '../fit.ts';
import { fitAll, houseSchema, requestOf, withColumn } from '../fixtures/retraining.ts';
import { allRows, houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import type { Model } from '../model.ts';
import { outcomesOf } from '../metrics/outcomes.ts';
import { isStacked, MAX_BASES } from '../wrapped/stacked.ts';
import { assembleData } from './data.ts';
import { joinTables } from './join-tables.ts';
import { MODE_OF_NUMBER } from './modes.ts';
import type { RetrainMode } from './modes.ts';
import { retrain } from './retrain.ts';
import type { Retrained } from './retrain.ts';

/** What CalmOps for Python did wrong in its retraining modes, and what must never come back. */

const SCHEMA = houseSchema('dear', 'classification');
const LOGISTIC: EstimatorParams = { kind: 'logistic', l2: 1, maxIterations: 50 };
const FOREST: EstimatorParams = { kind: 'forest', trees: 5, maxDepth: 10, minLeaf: 1 };

function trainedBy(result: Retrained): Model {
  assert.equal(result.kind, 'trained', result.kind === 'fallback' ? result.reason : '');
  return result.model;
}

function retrained(mode: RetrainMode, champion: Model, table: Table, params = LOGISTIC): Model {
  return trainedBy(retrain(requestOf(mode, champion, table, { schema: SCHEMA, params })));
}

function accuracy(model: Model, table: Table): number {
  const said = model.predict(table);
  const truth = outcomesOf(table, model.schema);
  assert.ok(said.kind === 'classification' && truth.kind === 'classification');
  return said.labels.filter((label, i) => label === truth.labels[i]).length / table.rows;
}

/** Houses of which dear ones are called cheap and the other way round. */
function turned(table: Table): Table {
  return withColumn(table, 'dear', (column) => {
    assert.ok(column.kind === 'categorical');
    return { ...column, codes: column.codes.map((code) => 1 - code) };
  });
}

test('mode 0 after mode 6: a full retraining fits the estimator anew, not its calibration', () => {
  const champion = fitAll(houses(200, 1), SCHEMA, LOGISTIC);
  const flipped = turned(houses(300, 2));
  const calibrated = retrained('recalibration', champion, flipped);
  assert.ok(isCalibrated(calibrated));

  const full = retrained('full', calibrated, flipped);
  assert.equal(full.estimator, 'logistic');
  assert.deepEqual(full.toBytes(), fitAll(flipped, SCHEMA, LOGISTIC).toBytes());
});

test('mode 1: the champion reads new rows through its own encoder, whatever their codes are', () => {
  const champion = fitAll(houses(200, 1), SCHEMA, LOGISTIC);
  const table = houses(100, 2);
  const recoded = withColumn(table, 'district', (column) => {
    assert.ok(column.kind === 'categorical');
    const dictionary = ['attic', ...column.dictionary];
    return { ...column, dictionary, codes: column.codes.map((code) => (code < 0 ? -1 : code + 1)) };
  });
  const updated = retrained('incremental', champion, table);
  assert.deepEqual(retrained('incremental', champion, recoded).toBytes(), updated.toBytes());
  assert.deepEqual(updated.schema, champion.schema);
  assert.notDeepEqual(updated.toBytes(), champion.toBytes());
});

test('mode 1: a class that the champion does not know is named instead of an error', () => {
  const champion = fitAll(houses(200, 1), SCHEMA, LOGISTIC);
  const table = withColumn(houses(60, 2), 'dear', (column) =>
    texts(column.name, [
      ...Array.from({ length: 30 }, () => 'no'),
      ...Array.from({ length: 30 }, () => 'auction'),
    ]),
  );
  const result = retrain(
    requestOf('incremental', champion, table, { schema: SCHEMA, params: LOGISTIC }),
  );
  assert.equal(result.kind, 'fallback');
  assert.match(result.reason, /'auction'/);
});

test('mode 2: a window reaches back over the files before the new one', () => {
  const newFile = { table: houses(50, 3), train: allRows(houses(50, 3)) };
  const earlier = [houses(50, 1), houses(50, 2)];
  const data = assembleData(
    { kind: 'window', window: { kind: 'rows', rows: 120 } },
    { target: 'dear', newFile, earlier, reservoir: null, seed: 1 },
  );
  assert.equal(data.learn.length, 120);
  assert.equal(data.fresh.length, 50);
  const sizes = takeRows(data.table, data.learn).columns.find(({ name }) => name === 'size');
  const expected = [
    ...sizesOf(earlier[0]).slice(-20),
    ...sizesOf(earlier[1]),
    ...sizesOf(newFile.table),
  ];
  assert.deepEqual(sizes?.kind === 'numeric' && [...sizes.values], expected);
});

function sizesOf(table: Table | undefined): readonly number[] {
  const column = table?.columns.find(({ name }) => name === 'size');
  return column?.kind === 'numeric' ? [...column.values] : [];
}

test('mode 3 exists: every number from 0 to 6 is the name of a mode, each another one', () => {
  assert.deepEqual(MODE_OF_NUMBER, [
    'full',
    'incremental',
    'window',
    'stacking-refit',
    'stacking',
    'replay',
    'recalibration',
  ]);
});

test('mode 4: the champion goes into the stack as it is, it is not fitted again', () => {
  const champion = fitAll(houses(200, 1), SCHEMA, FOREST);
  const stack = retrained('stacking', champion, houses(200, 2), FOREST);
  assert.ok(isStacked(stack));
  assert.equal(stack.bases.length, 2);
  assert.deepEqual(stack.bases[0]?.toBytes(), champion.toBytes());
  assert.notDeepEqual(stack.bases[1]?.toBytes(), champion.toBytes());
});

test('mode 4: what only the champion knows is not lost', () => {
  const champion = fitAll(houses(2000, 1), SCHEMA, FOREST);
  const few = houses(60, 2);
  const test = houses(2000, 3);
  const alone = fitAll(few, SCHEMA, FOREST);
  const stack = retrained('stacking', champion, few, FOREST);
  assert.ok(accuracy(stack, test) > accuracy(alone, test) + 0.02);
  assert.ok(accuracy(stack, test) > accuracy(champion, test) - 0.02);
});

test('mode 4: when the world has turned round, the new model decides', () => {
  const champion = fitAll(houses(500, 1), SCHEMA, FOREST);
  const stack = retrained('stacking', champion, turned(houses(500, 2)), FOREST);
  assert.ok(accuracy(stack, turned(houses(1000, 3))) > 0.9);
});

test('mode 3: its two halves differ, one knows the past and one only the new file', () => {
  const champion = fitAll(houses(200, 1), SCHEMA, FOREST);
  const stack = retrained('stacking-refit', champion, houses(200, 2), FOREST);
  assert.ok(isStacked(stack));
  const [recent, refitted] = stack.bases;
  assert.notDeepEqual(recent?.toBytes(), refitted?.toBytes());
  assert.notDeepEqual(refitted?.toBytes(), champion.toBytes());
});

test('stacking: a model that has only learned noise by heart gets no say', () => {
  const random = createRandom(4);
  const noise = tableOf(
    numbers('x', Array.from({ length: 400 }, random)),
    texts(
      'y',
      Array.from({ length: 400 }, () => (random() < 0.5 ? 'heads' : 'tails')),
    ),
  );
  const schema = { target: 'y', task: 'classification' as const, ignore: [] };
  const champion = fitAll(noise, schema, { kind: 'baseline' });
  const stack = trainedBy(
    retrain(requestOf('stacking', champion, noise, { schema, params: FOREST })),
  );
  // On its own rows the forest is almost always right, which out of fold counts for nothing.
  const said = stack.predict(noise);
  assert.ok(said.kind === 'classification');
  const sure = said.probabilities.reduce((most, p) => Math.max(most, p), 0);
  assert.ok(sure < 0.7, `as sure as ${sure} of a coin`);
});

test('mode 5: replay learns what only the past can teach', () => {
  const past = houses(300, 1);
  const champion = fitAll(past, SCHEMA, FOREST);
  const onlyLarge = withoutSmall(houses(300, 2));
  const replayed = trainedBy(
    retrain(requestOf('replay', champion, onlyLarge, { schema: SCHEMA, params: FOREST, past })),
  );
  const full = retrained('full', champion, onlyLarge, FOREST);
  const everything = houses(1000, 3);
  assert.ok(accuracy(replayed, everything) > accuracy(full, everything) + 0.02);
});

test('mode 5: without kept rows it says so', () => {
  const table = houses(100, 2);
  const champion = fitAll(houses(100, 1), SCHEMA, FOREST);
  const data = assembleData(
    { kind: 'reservoir', share: 0.4 },
    {
      target: 'dear',
      newFile: { table, train: allRows(table) },
      earlier: [],
      reservoir: null,
      seed: 1,
    },
  );
  const request = requestOf('replay', champion, table, { schema: SCHEMA, params: FOREST });
  const result = retrain({ ...request, data });
  assert.equal(result.kind, 'fallback');
  assert.match(result.reason, /no rows are kept to train on again/);
});

function withoutSmall(table: Table): Table {
  const size = sizesOf(table);
  return takeRows(
    table,
    allRows(table).filter((row) => (size[row] ?? 0) > 120),
  );
}

test('mode 6: the champion within a recalibrated model is the champion, byte for byte', () => {
  const champion = fitAll(houses(200, 1), SCHEMA, FOREST);
  const calibrated = retrained('recalibration', champion, turned(houses(300, 2)), FOREST);
  assert.ok(isCalibrated(calibrated));
  assert.deepEqual(calibrated.base.toBytes(), champion.toBytes());
});

for (const [target, task] of [
  ['band', 'classification'],
  ['price', 'regression'],
] as const) {
  test(`mode 6 works for ${task} of '${target}' too`, () => {
    const schema = houseSchema(target, task);
    const champion = fitAll(houses(300, 1), schema, FOREST);
    const moved = withColumn(houses(300, 2), target, shifted);
    const result = retrain(requestOf('recalibration', champion, moved, { schema, params: FOREST }));
    assert.ok(isCalibrated(trainedBy(result)));
  });
}

/** Prices a hundred higher; bands of which two are one. */
function shifted(column: Column): Column {
  if (column.kind === 'categorical') {
    return { ...column, codes: column.codes.map((code) => Math.max(1, code)) };
  }
  return { ...column, values: column.values.map((value) => value + 100) };
}

test('modes 4 and 6: wrappers do not nest for ever, however often they are retrained', () => {
  let champion = fitAll(houses(100, 0), SCHEMA, FOREST);
  const sizes: number[] = [];
  for (let round = 1; round <= 6; round++) {
    champion = retrained('stacking', champion, houses(100, 2 * round), FOREST);
    const odd = round % 2 === 1 ? turned(houses(100, 99)) : houses(100, 99);
    const result = retrain(
      requestOf('recalibration', champion, odd, { schema: SCHEMA, params: FOREST }),
    );
    if (result.kind === 'trained') champion = result.model;
    const inner = isCalibrated(champion) ? champion.base : champion;
    assert.ok(isStacked(inner));
    assert.ok(inner.bases.length <= MAX_BASES);
    assert.ok(inner.bases.every(({ estimator }) => estimator === 'forest'));
    sizes.push(champion.toBytes().length);
  }
  const most = Math.max(...sizes.slice(2));
  assert.ok(most < 2 * (sizes[1] ?? 0), `sizes: ${sizes.join(', ')}`);
});

test('recalibrating a recalibrated champion replaces its correction', () => {
  const champion = fitAll(houses(200, 1), SCHEMA, LOGISTIC);
  const once = retrained('recalibration', champion, turned(houses(300, 2)));
  const twice = retrained('recalibration', once, turned(houses(300, 3)));
  const direct = retrained('recalibration', champion, turned(houses(300, 3)));
  assert.deepEqual(twice.toBytes(), direct.toBytes());
});

test('a champion is not judged on rows that it was trained on', () => {
  const table = houses(200, 1);
  const champion = fitAll(table, SCHEMA, FOREST);
  for (const mode of ['incremental', 'stacking', 'stacking-refit', 'recalibration'] as const) {
    const request = requestOf(mode, champion, table, {
      schema: SCHEMA,
      params: FOREST,
      championKnowsFile: true,
    });
    const result = retrain(request);
    assert.equal(result.kind, 'fallback', mode);
    assert.match(
      result.reason,
      /was trained on rows of this file|already learned from this file|Rows of this file are among/,
    );
  }
});

test('rows that are held out for the gate are in no training', () => {
  const table = houses(100, 1);
  const train = allRows(table).filter((row) => row % 4 !== 0);
  const sources = {
    target: 'dear',
    newFile: { table, train },
    earlier: [],
    reservoir: houses(40, 2),
    seed: 1,
  };
  const heldOut = new Set(
    sizesOf(
      takeRows(
        table,
        allRows(table).filter((row) => row % 4 === 0),
      ),
    ),
  );
  for (const need of [
    { kind: 'new file' },
    { kind: 'earlier files', count: 1 },
    { kind: 'window', window: { kind: 'rows', rows: 1000 } },
    { kind: 'reservoir', share: 0.4 },
    { kind: 'reservoir', share: null },
  ] as const) {
    const { table: own, learn } = assembleData(need, sources);
    assert.ok(!sizesOf(takeRows(own, learn)).some((size) => heldOut.has(size)), need.kind);
  }
});

test('rows that are to count for nothing change nothing, in new models, updates and stacks alike', () => {
  const schema = { ...SCHEMA, ignore: [...SCHEMA.ignore, 'counts'] };
  const champion = fitAll(houses(200, 1), SCHEMA, LOGISTIC);
  const right = houses(80, 2);
  const both = joinTables([withCounts(right, 1), withCounts(turned(houses(40, 3)), 0)]);
  for (const mode of ['full', 'incremental', 'stacking'] as const) {
    const said = (table: Table, weightColumn?: string): Float64Array => {
      const request = requestOf(mode, champion, table, { schema, params: LOGISTIC });
      const model = trainedBy(retrain({ ...request, weightColumn }));
      const predicted = model.predict(houses(50, 4));
      assert.ok(predicted.kind === 'classification');
      return predicted.probabilities;
    };
    const without = said(right);
    const weighed = said(both, 'counts');
    const blind = said(both);
    // Folds of a stack are cut with the rows that count for nothing, so that they are not quite the same ones.
    const tolerance = mode === 'stacking' ? 0.1 : 1e-6;
    assert.ok(
      largestGap(weighed, without) <= tolerance,
      `${mode}: ${largestGap(weighed, without)}`,
    );
    assert.ok(largestGap(blind, without) > 2 * tolerance, `${mode}: ${largestGap(blind, without)}`);
  }
});

function withCounts(table: Table, count: number): Table {
  const counts = numbers('counts', Array<number>(table.rows).fill(count));
  return { ...table, columns: [...table.columns, counts] };
}

function largestGap(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}

test("a champion of the user's own hooks is trained anew, it cannot be a part of other models", () => {
  const own = { ...fitAll(houses(100, 1), SCHEMA, LOGISTIC), estimator: 'hooks' };
  for (const mode of ['incremental', 'stacking', 'recalibration'] as const) {
    const result = retrain(
      requestOf(mode, own, houses(100, 2), { schema: SCHEMA, params: LOGISTIC }),
    );
    assert.equal(result.kind, 'fallback', mode);
    assert.match(result.reason, /^A champion of the kind 'hooks' can be trained anew only/);
  }
});
