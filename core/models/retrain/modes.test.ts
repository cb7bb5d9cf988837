import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column, Table } from '../../table.ts';
import { loadModel } from '../artefact/artefact.ts';
import type { EstimatorParams } from '../fit.ts';
import {
  firstRows,
  fitAll,
  HOUSE_TASKS,
  houseSchema,
  requestOf,
  withColumn,
} from '../fixtures/retraining.ts';
import { houses, texts } from '../fixtures/tables.ts';
import type { Model, Task } from '../model.ts';
import { RETRAIN_MODES } from './modes.ts';
import type { RetrainMode } from './modes.ts';
import { retrain } from './retrain.ts';

const FOREST: EstimatorParams = { kind: 'forest', trees: 5, maxDepth: 8, minLeaf: 2 };
const BOOSTING: EstimatorParams = {
  kind: 'boosting',
  iterations: 5,
  learningRate: 0.3,
  maxLeaves: 6,
  minLeaf: 5,
  l2: 0,
  patience: 5,
};
const ESTIMATORS: Readonly<Record<Task, readonly EstimatorParams[]>> = {
  classification: [
    FOREST,
    BOOSTING,
    { kind: 'logistic', l2: 1, maxIterations: 50 },
    { kind: 'naive-bayes', smoothing: 1e-9 },
    { kind: 'baseline' },
    { kind: 'ml-random-forest', trees: 2 },
  ],
  regression: [
    FOREST,
    BOOSTING,
    { kind: 'linear', l2: 1 },
    { kind: 'baseline' },
    { kind: 'ml-random-forest', trees: 2 },
  ],
};

/** Estimators that learn all their rows at once, and say so. */
const ALL_AT_ONCE: readonly string[] = ['baseline', 'ml-random-forest'];

const NO_GAIN = /^No correction predicts held-out rows better/;
const AT_ONCE = /^The champion cannot go on learning: .* learns all its rows at once\.$/;
const NEVER = /^this mode trains in every other case$/;

interface Situation {
  readonly name: string;
  /** what is special about the new file */
  readonly change: (table: Table, target: string) => Table;
  /** how a mode says that it cannot; modes that are absent train */
  readonly refusals: Readonly<Partial<Record<RetrainMode, RegExp>>>;
  readonly tasks?: readonly Task[];
}

const SITUATIONS: readonly Situation[] = [
  { name: 'nothing special', change: (table) => table, refusals: {} },
  {
    name: 'few rows',
    change: (table) => firstRows(table, 20),
    refusals: {
      recalibration: /^20 rows are too few to correct the champion by; at least 50 are needed\.$/,
      stacking: /^20 rows are too few to weigh models by; at least 50 are needed\.$/,
      'stacking-refit': /^20 rows are too few to weigh models by; at least 50 are needed\.$/,
    },
  },
  {
    name: 'missing values',
    change: (table) =>
      ['size', 'district'].reduce(
        (changed, name) => withColumn(changed, name, (column) => everyThirdMissing(column)),
        table,
      ),
    refusals: {},
  },
  {
    name: 'an unseen category',
    change: (table) => withColumn(table, 'district', (column) => withText(column, 'island')),
    refusals: {},
  },
  {
    name: 'an unseen class',
    change: (table, target) =>
      withColumn(table, target, (column) => withText(column, 'never heard of')),
    refusals: {
      recalibration:
        /rows are of a class that the champion does not know, which no correction can teach it\.$/,
      incremental: /^The champion cannot go on learning: .*'never heard of'/,
    },
    tasks: ['classification'],
  },
  {
    name: 'a constant column',
    change: (table) => withColumn(table, 'noise', constant),
    refusals: {},
  },
];

for (const { target, task } of HOUSE_TASKS) {
  for (const params of ESTIMATORS[task]) {
    const schema = houseSchema(target, task);
    const champion = fitAll(houses(120, 1), schema, params);
    for (const situation of SITUATIONS) {
      if (situation.tasks?.includes(task) === false) continue;
      test(`every mode copes with ${situation.name}: ${params.kind} of '${target}'`, () => {
        const table = situation.change(houses(120, 2), target);
        for (const mode of RETRAIN_MODES) {
          const request = requestOf(mode, champion, table, { schema, params });
          const refusal = situation.refusals[mode];
          const result = retrain(request);
          if (result.kind === 'fallback') {
            assert.equal(result.mode, 'full');
            assert.match(result.reason, refusal ?? refusalOf(mode, params.kind), mode);
            continue;
          }
          assert.equal(refusal, undefined, `${mode} was to refuse`);
          assertSound(result.model, table, mode);
          const again = retrain(request);
          assert.equal(again.kind, 'trained');
          assert.deepEqual(again.model.toBytes(), result.model.toBytes(), `${mode}: same bytes`);
        }
      });
    }
  }
}

/** How a mode may say no when nothing is wrong with the file: there is nothing to correct, or it is not made for that. */
function refusalOf(mode: RetrainMode, estimator: string): RegExp {
  if (mode === 'recalibration') return NO_GAIN;
  return mode === 'incremental' && ALL_AT_ONCE.includes(estimator) ? AT_ONCE : NEVER;
}

/** Finite, well-formed predictions, the same ones after being stored. */
function assertSound(model: Model, table: Table, mode: RetrainMode): void {
  const said = model.predict(table);
  if (said.kind === 'regression') {
    assert.equal(said.values.length, table.rows);
    assert.ok(said.values.every(Number.isFinite), `${mode}: finite values`);
  } else {
    const k = said.classes.length;
    assert.equal(said.labels.length, table.rows);
    assert.deepEqual(said.classes, model.schema.classes);
    for (let i = 0; i < table.rows; i++) {
      const row = said.probabilities.subarray(i * k, (i + 1) * k);
      const sum = row.reduce((total, p) => total + p, 0);
      assert.ok(Math.abs(sum - 1) < 1e-9 && row.every((p) => p >= 0), `${mode}: row ${i}: ${sum}`);
    }
  }
  assert.deepEqual(loadModel(model.toBytes()).predict(table), said, `${mode}: stored`);
}

function everyThirdMissing(column: Column): Column {
  return column.kind === 'categorical'
    ? { ...column, codes: column.codes.map((code, i) => (i % 3 === 0 ? -1 : code)) }
    : { ...column, values: column.values.map((value, i) => (i % 3 === 0 ? NaN : value)) };
}

/** Every seventh row has this text. */
function withText(column: Column, text: string): Column {
  if (column.kind !== 'categorical') throw new Error(`${column.name} is not text`);
  const { codes, dictionary, name } = column;
  return texts(
    name,
    Array.from(codes, (code, i) => (i % 7 === 0 ? text : (dictionary[code] ?? null))),
  );
}

function constant(column: Column): Column {
  return column.kind === 'categorical' ? column : { ...column, values: column.values.map(() => 3) };
}
