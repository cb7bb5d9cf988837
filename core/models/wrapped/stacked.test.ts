import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel } from '../artefact/artefact.ts';
import { calibratedModel } from './calibrated.ts';
import { decodeContainer, encodeContainer } from '../artefact/container.ts';
import type { EstimatorParams } from '../fit.ts';
import { fitAll, houseSchema, requestOf, withColumn } from '../fixtures/retraining.ts';
import { houses, numbers, tableOf, texts } from '../fixtures/tables.ts';
import type { Model, ModelSchema, Predictions } from '../model.ts';
import { retrain } from '../retrain/retrain.ts';
import { signalTable } from './stack-signals.ts';
import { isStacked, stackedModel } from './stacked.ts';
import type { StackedModel } from './stacked.ts';

const SCHEMA = houseSchema('dear', 'classification');
const LOGISTIC: EstimatorParams = { kind: 'logistic', l2: 1, maxIterations: 50 };

function stackOf(champion: Model, target: string = 'dear'): StackedModel {
  const schema = houseSchema(target, 'classification');
  const result = retrain(
    requestOf('stacking', champion, houses(120, 2), { schema, params: LOGISTIC }),
  );
  assert.ok(result.kind === 'trained' && isStacked(result.model));
  return result.model;
}

/** A model that says the same of every row. */
function saying(classes: readonly string[], probabilities: readonly number[]): Model {
  const schema: ModelSchema = {
    target: 'y',
    task: 'classification',
    features: [{ kind: 'numeric', name: 'x' }],
    classes,
  };
  return {
    estimator: 'baseline',
    schema,
    predict: ({ rows }) => ({
      kind: 'classification',
      classes,
      probabilities: Float64Array.from(
        { length: rows * classes.length },
        (_, at) => probabilities[at % classes.length] ?? 0,
      ),
      labels: new Int32Array(rows),
    }),
    toBytes: () => new Uint8Array(0),
  };
}

function probabilitiesOf(said: Predictions): number[] {
  assert.ok(said.kind === 'classification');
  return [...said.probabilities].map((p) => Number(p.toFixed(6)));
}

test('a stack tells its meta-model the log-odds of the second class of two, bounded', () => {
  const bases = [saying(['a', 'b'], [0.25, 0.75]), saying(['b'], [1])];
  const table = tableOf(numbers('x', [1]));
  const said = bases.map((base) => base.predict(table));
  const { columns } = signalTable(bases, said, ['a', 'b']);
  assert.deepEqual(
    columns.map((column) => [column.name, column.kind === 'numeric' && column.values[0]]),
    [
      ['model 1: b', Math.log(3)],
      ['model 2: b', Math.log(0.999 / (1 - 0.999))],
    ],
  );
});

test('a class without example in the new file keeps the probability that those who know it give it', () => {
  const bases = [saying(['a', 'b', 'rare'], [0.2, 0.2, 0.6]), saying(['a', 'b'], [0.5, 0.5])];
  const names = ['model 1: a', 'model 1: b', 'model 1: rare', 'model 2: a', 'model 2: b'];
  const meta = {
    ...saying(['a', 'b'], [0.75, 0.25]),
    schema: {
      target: 'outcome',
      task: 'classification' as const,
      features: names.map((name) => ({ kind: 'numeric' as const, name })),
      classes: ['a', 'b'],
    },
  };
  const stack = stackedModel(bases, meta);
  assert.deepEqual(stack.schema.classes, ['a', 'b', 'rare']);
  assert.deepEqual(probabilitiesOf(stack.predict(tableOf(numbers('x', [1, 2])))), [
    ...[0.3, 0.1, 0.6],
    ...[0.3, 0.1, 0.6],
  ]);
});

test('a stack reads the columns and categories of each of its models', () => {
  const old = withColumn(houses(120, 1), 'district', (column) => {
    assert.ok(column.kind === 'categorical');
    return {
      ...column,
      dictionary: column.dictionary.map((name) => (name === 'mill' ? 'abbey' : name)),
    };
  });
  const stack = stackOf(fitAll(old, SCHEMA, LOGISTIC));
  const district = stack.schema.features.find(({ name }) => name === 'district');
  assert.ok(district?.kind === 'categorical');
  assert.ok(district.dictionary.includes('abbey') && district.dictionary.includes('mill'));
});

test('a damaged stack, and one with a stack inside, are refused', () => {
  const stack = stackOf(fitAll(houses(120, 1), SCHEMA, LOGISTIC));
  const container = decodeContainer(stack.toBytes());
  const withArrays = (arrays: object): Uint8Array =>
    encodeContainer({ ...container, arrays: { ...container.arrays, ...arrays } });
  assert.throws(() => loadModel(withArrays({ base1: stack.toBytes() })), /estimator 'stacked'/);
  assert.throws(
    () => loadModel(withArrays({ base1: new Uint8Array(3) })),
    /does not begin as a model file does/,
  );
  assert.throws(
    () => loadModel(withArrays({ meta: stack.bases[0]?.toBytes() })),
    /meta-model of a stack is not one of its models/,
  );
  assert.throws(
    () => loadModel(encodeContainer({ ...container, meta: { bases: 7 } })),
    /a stack of 7 models/,
  );
  const calibrated = calibratedModel(stack, { kind: 'temperature', temperature: 2 });
  assert.deepEqual(loadModel(calibrated.toBytes()).toBytes(), calibrated.toBytes());
  assert.throws(() => loadModel(withArrays({ base0: calibrated.toBytes() })), /'calibrated'/);
});

test('models that read a column differently make no stack', () => {
  const a = saying(['a', 'b'], [0.5, 0.5]);
  const text = { kind: 'categorical' as const, name: 'x', dictionary: ['one'] };
  const b = { ...a, schema: { ...a.schema, features: [text] } };
  assert.throws(
    () => stackedModel([a, b], a),
    /'x' is numeric to one model and categorical to another/,
  );
});

test('a champion that cannot read the new file is not stacked, and the reason is given', () => {
  const champion = fitAll(houses(120, 1), SCHEMA, LOGISTIC);
  const table = withColumn(houses(120, 2), 'size', ({ name }) =>
    texts(
      name,
      Array.from({ length: 120 }, (_, i) => (i % 2 === 0 ? 'large' : 'small')),
    ),
  );
  const result = retrain(
    requestOf('stacking', champion, table, { schema: SCHEMA, params: LOGISTIC }),
  );
  assert.equal(result.kind, 'fallback');
  assert.match(result.reason, /^The champion cannot read this file: column 'size' is categorical/);
});

test('many classes are too many to weigh', () => {
  const letters = Array.from({ length: 240 }, (_, i) => `class ${String(i % 24).padStart(2, '0')}`);
  const table = tableOf(
    numbers(
      'x',
      letters.map((_, i) => (i * 7) % 31),
    ),
    texts('y', letters),
  );
  const schema = { target: 'y', task: 'classification' as const, ignore: [] };
  const champion = fitAll(table, schema, { kind: 'baseline' });
  const result = retrain(
    requestOf('stacking', champion, table, { schema, params: { kind: 'baseline' } }),
  );
  assert.equal(result.kind, 'fallback');
  assert.match(result.reason, /^24 classes are too many to weigh models by; at most 20 are\.$/);
});
