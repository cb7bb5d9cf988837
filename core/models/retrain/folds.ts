import { takeRows } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import { stratifiedFolds } from '../calibration/folds.ts';
import type { Model, Predictions } from '../model.ts';
import { classesOf, outcomesOf } from '../metrics/outcomes.ts';
import type { RetrainingRequest } from './request.ts';

/** Parts of the fresh rows, each of which is predicted by a model of the others. */
export const FOLDS = 5;

/**
 * The fold of each fresh row. With a time column folds are stretches of time, so that a row's neighbours, which
 * resemble it, are not what it is predicted from; otherwise they are drawn at random, class by class.
 */
export function foldsOf({ data, schema, seed }: RetrainingRequest): Int32Array {
  const { table, fresh } = data;
  const { task, target, timeColumn } = schema;
  const time = table.columns.find(({ name }) => name === timeColumn);
  if (time !== undefined && time.kind !== 'categorical') return stretches(time, fresh);
  if (task === 'regression') return stratifiedFolds(new Int32Array(fresh.length), FOLDS, seed);
  const classes = classesOf(table, target, fresh);
  const outcomes = outcomesOf(table, { target, task, classes }, fresh);
  const labels = outcomes.kind === 'classification' ? outcomes.labels : new Int32Array(0);
  return stratifiedFolds(labels, FOLDS, seed);
}

function stretches(time: Exclude<Column, { kind: 'categorical' }>, rows: Int32Array): Int32Array {
  const at = (i: number): number =>
    Number.isNaN(time.values[rows[i]]) ? -Infinity : time.values[rows[i]];
  const order = Int32Array.from(rows, (_, i) => i).sort((a, b) => {
    const [ta, tb] = [at(a), at(b)];
    return ta < tb ? -1 : ta > tb ? 1 : a - b;
  });
  const foldOf = new Int32Array(rows.length);
  order.forEach((i, position) => (foldOf[i] = Math.floor((position * FOLDS) / rows.length)));
  return foldOf;
}

/**
 * What the model of each fold says of the rows of that fold, which it was not fitted on.
 * @param models of one schema, a fold each
 * @param foldOf the fold of each row of the table
 */
export function outOfFold(models: readonly Model[], table: Table, foldOf: Int32Array): Predictions {
  const parts = models.map((model, fold) => {
    const rows = Int32Array.from(foldOf, (_, i) => i).filter((i) => foldOf[i] === fold);
    return { rows, said: model.predict(takeRows(table, rows)) };
  });
  const { classes } = models[0].schema;
  const width = Math.max(1, classes.length);
  const values = new Float64Array(table.rows * width);
  const labels = new Int32Array(table.rows);
  for (const { rows, said } of parts) {
    const own = said.kind === 'classification' ? said.probabilities : said.values;
    rows.forEach((row, i) => {
      values.set(own.subarray(i * width, (i + 1) * width), row * width);
      if (said.kind === 'classification') labels[row] = said.labels[i];
    });
  }
  return parts[0].said.kind === 'classification'
    ? { kind: 'classification', classes, probabilities: values, labels }
    : { kind: 'regression', values };
}
