import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import type { EstimatorParams } from '../fit.ts';
import { fitAll, HOUSE_TASKS, houseSchema, requestOf } from '../fixtures/retraining.ts';
import { houses, numbers } from '../fixtures/tables.ts';
import { DEFAULT_LINEAR } from '../linear/linear.ts';
import { DEFAULT_LOGISTIC } from '../linear/logistic.ts';
import type { Model, Task } from '../model.ts';
import { RETRAIN_MODES } from './modes.ts';
import type { RetrainMode } from './modes.ts';
import { retrain } from './retrain.ts';

const WEIGHT = 'weight';
const FOREST: EstimatorParams = { kind: 'forest', trees: 8, maxDepth: 64, minLeaf: 1 };

function withWeights(table: Table, weightOf: (row: number) => number): Table {
  const weights = Array.from({ length: table.rows }, (_, row) => weightOf(row));
  return { ...table, columns: [...table.columns, numbers(WEIGHT, weights)] };
}

/** Houses whose prices and bands have moved, so that there is something to correct. */
function moved(rows: number, seed: number): Table {
  const table = houses(rows, seed);
  const columns = table.columns.map((column) => {
    if (column.kind === 'numeric' && column.name === 'price') {
      return { ...column, values: column.values.map((value) => 20 + 1.3 * value) };
    }
    if (column.kind !== 'categorical' || !['dear', 'band'].includes(column.name)) return column;
    const codes = column.codes.map((code, i) => (i % 4 === 0 ? 0 : code));
    return { ...column, codes };
  });
  return { rows, columns };
}

function challenger(
  mode: RetrainMode,
  table: Table,
  past: Table,
  { target, task }: { readonly target: string; readonly task: Task },
  params: EstimatorParams = FOREST,
): Model {
  const schema = houseSchema(target, task);
  const own = { ...schema, ignore: [...schema.ignore, WEIGHT] };
  const champion = fitAll(houses(200, 1), schema, params);
  const request = requestOf(mode, champion, table, {
    schema: own,
    params,
    past,
    weightColumn: WEIGHT,
  });
  const retrained = retrain(request);
  // Where no correction helps, the champion is right as it is.
  if (mode === 'recalibration' && retrained.kind === 'fallback') return champion;
  assert.ok(retrained.kind === 'trained', JSON.stringify(retrained));
  return retrained.model;
}

for (const mode of RETRAIN_MODES) {
  for (const task of HOUSE_TASKS) {
    test(`${mode}, ${task.target}: a row of weight 0 is as if it were not in the file`, () => {
      const isOut = (row: number): boolean => row % 5 === 0;
      const weightOf = (row: number): number => (isOut(row) ? 0 : 1 + (row % 3));
      const [table, past] = [moved(200, 2), houses(120, 1)].map((own) =>
        withWeights(own, weightOf),
      );
      const without = (own: Table): Table =>
        takeRows(
          own,
          Int32Array.from({ length: own.rows }, (_, row) => row).filter((row) => !isOut(row)),
        );
      // The window and the reservoir are given as many rows of the past either way.
      const whole = challenger(mode, table!, without(past!), task);
      const some = challenger(mode, without(table!), without(past!), task);
      assert.deepEqual(whole.toBytes(), some.toBytes());
    });

    test(`${mode}, ${task.target}: rows that weigh much decide what the challenger says`, () => {
      const ROWS = 400;
      const { target } = task;
      const params = task.task === 'regression' ? DEFAULT_LINEAR : DEFAULT_LOGISTIC;
      const heavyAreMoved = challenger(
        mode,
        mixed(ROWS, (row) => (row % 2 === 0 ? 1 : 200)),
        withWeights(houses(120, 1), () => 0.01),
        task,
        params,
      );
      const heavyAreOld = challenger(
        mode,
        mixed(ROWS, (row) => (row % 2 === 0 ? 200 : 1)),
        withWeights(houses(120, 1), () => 0.01),
        task,
        params,
      );
      const far = level(heavyAreMoved, target) - level(heavyAreOld, target);
      assert.ok(far > (task.task === 'regression' ? 20 : 0.1), `${far}`);
    });
  }
}

/** Every second row of houses that have moved, between houses that have not. */
function mixed(rows: number, weightOf: (row: number) => number): Table {
  const old = houses(rows, 7);
  const columns = old.columns.map((column) => {
    if (column.kind === 'numeric' && column.name === 'price') {
      return {
        ...column,
        values: column.values.map((value, i) => (i % 2 === 0 ? value : value + 60)),
      };
    }
    if (column.kind !== 'categorical' || !['dear', 'band'].includes(column.name)) return column;
    const last = column.dictionary.length - 1;
    const codes = column.codes.map((code, i) => (i % 2 === 1 && i % 8 !== 1 ? last : code));
    return { ...column, codes };
  });
  return withWeights({ rows, columns }, weightOf);
}

/** The mean price, or the mean chance of the last class. */
function level(model: Model, target: string): number {
  const said = model.predict(houses(300, 9));
  if (said.kind === 'regression') return said.values.reduce((a, b) => a + b, 0) / 300;
  const last = said.classes.length - 1;
  assert.ok(last > 0, target);
  let sum = 0;
  for (let i = 0; i < 300; i++) sum += said.probabilities[i * said.classes.length + last]!;
  return sum / 300;
}
