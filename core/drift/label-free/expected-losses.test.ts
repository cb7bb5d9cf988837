import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeatureSchema } from '../../models/model.ts';
import { createRandom } from '../../random.ts';
import { categorical, normal, numeric, table, times } from '../fixtures/tables.ts';
import { fitExpectedLosses, predictLosses } from './expected-losses.ts';
import type { PredictedRows } from './expected-losses.ts';

const FEATURES: readonly FeatureSchema[] = [
  { kind: 'numeric', name: 'size' },
  { kind: 'categorical', name: 'site', dictionary: ['lab', 'street'] },
];
const OPTIONS = { features: FEATURES, seed: 1 };

interface Measured extends PredictedRows {
  readonly losses: Float64Array;
}

/**
 * A model whose absolute errors grow with the size and are twice as large in the street; `large`: share of large sizes.
 * The target is in the table too, under the name given.
 */
function measured(rows: number, large: number, seed: number, target = 'weight'): Measured {
  const random = createRandom(seed);
  const sizes = times(rows, () => random() / 2 + (random() < large ? 0.5 : 0));
  const streets = times(rows, () => random() < 0.5);
  const losses = Float64Array.from(sizes, (size, i) =>
    Math.abs((0.1 + size) * (streets[i]! ? 2 : 1) * normal(random)),
  );
  const predictions = Float64Array.from(sizes, (size) => 10 + 5 * size);
  const own = table(
    numeric(
      target,
      predictions.map((predicted, i) => 100 * (predicted + losses[i]!)),
    ),
    numeric('size', sizes),
    categorical(
      'site',
      streets.map((street) => (street ? 'street' : 'lab')),
    ),
  );
  return { table: own, predictions, losses };
}

const meanOf = (values: Float64Array): number =>
  values.reduce((sum, x) => sum + x, 0) / values.length;

test('losses are expected to be what they are, on rows as before and on a shift', () => {
  const reference = measured(4000, 0.3, 1);
  const { expected, nannies } = fitExpectedLosses(reference, reference.losses, OPTIONS);
  assert.ok(Math.abs(meanOf(expected) / meanOf(reference.losses) - 1) < 0.05);
  for (const large of [0.3, 0.9]) {
    const rows = measured(4000, large, 2);
    const found = meanOf(predictLosses(nannies, rows));
    assert.ok(Math.abs(found / meanOf(rows.losses) - 1) < 0.05, `${large}: ${found}`);
  }
});

test('a target called as the columns that are added does not get in the way', () => {
  const learned = ['weight', 'loss', 'prediction'].map((target) => {
    const reference = measured(600, 0.3, 3, target);
    const { nannies } = fitExpectedLosses(reference, reference.losses, OPTIONS);
    return predictLosses(nannies, measured(200, 0.3, 4, target));
  });
  assert.deepEqual(learned[1], learned[0]);
  assert.deepEqual(learned[2], learned[0]);
});

test('nor do features of these names', () => {
  const names = new Map([
    ['size', 'prediction'],
    ['site', 'loss'],
  ]);
  const named = (rows: Measured): Measured => ({
    ...rows,
    table: {
      rows: rows.table.rows,
      columns: rows.table.columns.map((column) => ({
        ...column,
        name: names.get(column.name) ?? column.name,
      })),
    },
  });
  const features = FEATURES.map((feature) => ({ ...feature, name: names.get(feature.name)! }));
  const reference = measured(600, 0.3, 5);
  const file = measured(200, 0.3, 6);
  const plain = fitExpectedLosses(reference, reference.losses, OPTIONS);
  const renamed = fitExpectedLosses(named(reference), reference.losses, { features, seed: 1 });
  assert.deepEqual(predictLosses(renamed.nannies, named(file)), predictLosses(plain.nannies, file));
});

test('samples that are not as they must be are refused with what is wrong', () => {
  const rows = measured(300, 0.3, 7);
  const { table: own, predictions, losses } = rows;
  const strange = losses.map((loss, i) => (i === 7 ? NaN : loss));
  assert.throws(() => fitExpectedLosses(rows, strange, OPTIONS), /loss 8 is NaN, not a finite/);
  assert.throws(() => fitExpectedLosses(rows, losses.slice(1), OPTIONS), /299 losses for 300 rows/);
  const features: readonly FeatureSchema[] = [{ kind: 'numeric', name: 'height' }];
  assert.throws(() => fitExpectedLosses(rows, losses, { features, seed: 1 }), /no column 'height'/);
  const { nannies } = fitExpectedLosses(rows, losses, OPTIONS);
  const short = { table: own, predictions: predictions.slice(1) };
  assert.throws(() => predictLosses(nannies, short), /299 predictions for 300 rows/);
});
