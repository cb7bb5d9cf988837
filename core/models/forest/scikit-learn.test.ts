import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadModel } from '../artefact/artefact.ts';
import { learnSchema } from '../input/encoder.ts';
import { allRows, numbers, tableOf, texts } from '../fixtures/tables.ts';
import { growTrees } from './chunk.ts';
import { assembleForest } from './forest.ts';
import { outOfBagScore, withOutOfBagScore } from './out-of-bag.ts';
import { DEFAULT_FOREST } from './params.ts';
import type { ForestParams } from './params.ts';
import { prepareForest } from './training-set.ts';

/** Out-of-bag score, mean prediction and importances over 10 seeds; `command` says how they were made. */
interface Summary {
  readonly mean: readonly number[];
  readonly sd: readonly number[];
}

const golden = JSON.parse(
  readFileSync(new URL('fixtures/scikit-learn.json', import.meta.url), 'utf8'),
) as {
  readonly x: number[][];
  readonly rare: number[];
  readonly multi: number[];
  readonly value: number[];
  readonly weights: number[];
  readonly forests: Readonly<Record<string, Summary>>;
};

const table = tableOf(
  ...golden.x.map((values, j) => numbers(`x${j}`, values)),
  texts('rare', golden.rare.map(String)),
  texts('multi', golden.multi.map(String)),
  numbers('value', golden.value),
);

const SEEDS = 4;

/** The same figures of our forests, a row a seed. */
function figures(
  target: 'rare' | 'multi' | 'value',
  own: Partial<ForestParams>,
  weights?: Float64Array,
): readonly number[][] {
  const task = target === 'value' ? 'regression' : 'classification';
  const ignore = ['rare', 'multi', 'value'];
  const schema = learnSchema(table, allRows(table), { target, task, ignore });
  const params = { ...DEFAULT_FOREST, trees: 300, ...own };
  return Array.from({ length: SEEDS }, (_, seed) => {
    const set = prepareForest(table, allRows(table), schema, params, seed, weights);
    const model = assembleForest(set, [growTrees(set, 0, 300)]);
    const said = model.predict(table);
    const k = said.kind === 'classification' ? said.classes.length : 1;
    const values = said.kind === 'classification' ? said.probabilities : said.values;
    const last = values.filter((_, i) => i % k === k - 1);
    const mean = last.reduce((sum, value) => sum + value, 0) / table.rows;
    const gains = model.importances?.().map(({ gain }) => gain) ?? [];
    return [outOfBagScore(model, set) ?? NaN, mean, ...gains];
  });
}

for (const [name, target, params, weights] of [
  ['rare', 'rare', {}, undefined],
  ['multi', 'multi', {}, undefined],
  ['value', 'value', {}, undefined],
  ['rare, balanced', 'rare', { classWeight: 'balanced' }, undefined],
  ['rare, 6 times', 'rare', { classWeight: { 1: 6 } }, undefined],
  ['multi, weighted', 'multi', {}, Float64Array.from(golden.weights)],
  ['value, weighted', 'value', {}, Float64Array.from(golden.weights)],
] as const) {
  test(`out-of-bag score, predictions and importances are scikit-learn's: ${name}`, () => {
    const found = figures(target, params, weights);
    const expected = golden.forests[name];
    assert.ok(expected !== undefined);
    expected.mean.forEach((value, i) => {
      const own = found.reduce((sum, row) => sum + (row[i] ?? NaN), 0) / SEEDS;
      // Four seeds against ten, each of the forest's spread; and what bins lose against exact cuts.
      const noise = 4 * (expected.sd[i] ?? NaN) * Math.sqrt(1 / SEEDS + 1 / 10);
      const scale = name.startsWith('value') && i === 1 ? value : 1;
      assert.ok(Math.abs(own - value) < noise + 0.006 * scale, `figure ${i}: ${own}, ${value}`);
    });
  });
}

test('a model says its out-of-bag score if it was asked for, also when it was stored', () => {
  const schema = learnSchema(table, allRows(table), {
    target: 'multi',
    task: 'classification',
    ignore: ['rare', 'value'],
  });
  const set = prepareForest(table, allRows(table), schema, { ...DEFAULT_FOREST, trees: 20 }, 1);
  const model = assembleForest(set, [growTrees(set, 0, 20)]);
  assert.equal(model.oobScore, undefined);
  const stored = withOutOfBagScore(model, set).toBytes();
  assert.equal(loadModel(stored).oobScore, outOfBagScore(model, set));
});

test('a forest of one row has no out-of-bag score', () => {
  const one = tableOf(numbers('x', [1, 2]), texts('y', ['a', 'a']));
  const schema = learnSchema(one, allRows(one), {
    target: 'y',
    task: 'classification',
    ignore: [],
  });
  const set = prepareForest(one, Int32Array.of(0), schema, { ...DEFAULT_FOREST, trees: 2 }, 1);
  assert.equal(outOfBagScore(assembleForest(set, [growTrees(set, 0, 2)]), set), undefined);
});
