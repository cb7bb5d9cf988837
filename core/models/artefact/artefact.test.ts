import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadModel } from './artefact.ts';
import { decodeContainer, encodeContainer } from './container.ts';
import { learnSchema } from '../input/encoder.ts';
import { canLearn } from '../estimator-tasks.ts';
import { fitModel } from '../fit.ts';
import type { EstimatorParams } from '../fit.ts';
import { ESTIMATORS } from '../fixtures/estimators.ts';
import { allRows, houses } from '../fixtures/tables.ts';
import { DEFAULT_FOREST } from '../forest/params.ts';
import type { Predictions, Task } from '../model.ts';

const table = houses(40, 1);

function artefact(params: EstimatorParams, target: string, task: Task): Uint8Array {
  const ignore = ['price', 'dear', 'band'].filter((name) => name !== target);
  const schema = learnSchema(table, allRows(table), { target, task, ignore });
  return fitModel(table, allRows(table), schema, params, 1).toBytes();
}

const artefacts = [
  artefact({ ...DEFAULT_FOREST, trees: 3 }, 'band', 'classification'),
  artefact({ ...DEFAULT_FOREST, trees: 3 }, 'price', 'regression'),
  artefact({ kind: 'ml-random-forest', trees: 2 }, 'band', 'classification'),
  artefact({ kind: 'ml-random-forest', trees: 2 }, 'price', 'regression'),
  ...ESTIMATORS.filter(({ kind }) => !kind.includes('forest')).flatMap((params) =>
    (
      [
        ['dear', 'classification'],
        ['band', 'classification'],
        ['price', 'regression'],
      ] as const
    ).flatMap(([target, task]) =>
      canLearn(params.kind, task) ? [artefact(params, target, task)] : [],
    ),
  ),
];

const withArrays = artefacts.filter(
  (bytes) => Object.keys(decodeContainer(bytes).arrays).length > 0,
);

function isSound(predictions: Predictions): boolean {
  const numbers =
    predictions.kind === 'regression' ? predictions.values : predictions.probabilities;
  return numbers.every((value) => Number.isFinite(value));
}

/** Either refused with a RangeError, or a model that predicts finite numbers. */
function assertHarmless(bytes: Uint8Array): void {
  let model;
  try {
    model = loadModel(bytes);
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
    assert.doesNotMatch(error.message, /call stack|array length|typed array/i);
    return;
  }
  try {
    assert.ok(isSound(model.predict(table)));
  } catch (error) {
    // A damaged name of a feature is a model of other columns.
    assert.ok(error instanceof RangeError && /column '/.test(error.message), String(error));
  }
}

test('a file with any bytes changed is refused or harmless', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...artefacts),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (bytes, changes) => {
        const changed = bytes.slice();
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        assertHarmless(changed);
      },
    ),
    { numRuns: 3000, seed: 1 },
  );
});

test('numbers in a model may be any, in every array', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...withArrays),
      fc.nat(),
      fc.nat(),
      fc.constantFrom(-(2 ** 31), -1, 0, 1, 255, 32768, 65535, 2 ** 31 - 1, 1e308, NaN, Infinity),
      (bytes, which, at, value) => {
        const { kind, meta, arrays } = decodeContainer(bytes);
        const list = Object.values(arrays);
        const array = list[which % list.length]!;
        if (array.length > 0) array[at % array.length] = value;
        assertHarmless(encodeContainer({ kind, meta, arrays }));
      },
    ),
    { numRuns: 3000, seed: 2 },
  );
});

test('a file cut short, or with bytes at its end, is refused', () => {
  for (const bytes of artefacts) {
    for (const length of [0, 7, 15, 16, 40, bytes.length - 1]) {
      assert.throws(() => loadModel(bytes.subarray(0, length)), RangeError);
    }
    const longer = new Uint8Array(bytes.length + 8);
    longer.set(bytes);
    assert.throws(() => loadModel(longer), /damaged model file/);
  }
});

test('a tree whose node is its own child is refused', () => {
  const container = decodeContainer(artefacts[0]!);
  container.arrays['left']![0] = 0;
  assert.throws(() => loadModel(encodeContainer(container)), /tree 0, node 0: children 0 and 1/);
});

test('a regression whose predictions would be infinite is refused', () => {
  const { kind, meta, arrays } = decodeContainer(artefacts[1]!);
  const far = { ...(meta as object), targetScale: { center: 0, scale: 1e308 } };
  arrays['entryValue']![0] = 1e30;
  assert.throws(() => loadModel(encodeContainer({ kind, meta: far, arrays })), /predictions up to/);
});

test('a model of a later version or of an unknown estimator is named', () => {
  const later = artefacts[0]!.slice();
  later[8] = 9;
  assert.throws(() => loadModel(later), /model file of version 9; this CalmOps reads version 1/);
  const unknown = encodeContainer({ kind: 'oracle', meta: {}, arrays: {} });
  assert.throws(() => loadModel(unknown), /estimator 'oracle'; those known are forest, /);
});

test('a very deep ml-random-forest tree is read without exhausting the stack', () => {
  const { kind, meta } = decodeContainer(artefacts[3]!);
  const leaf = '{"distribution":1}';
  const depth = 100_000;
  const deep =
    `{"splitColumn":0,"splitValue":1,"left":${leaf},"right":`.repeat(depth) +
    leaf +
    '}'.repeat(depth);
  const text = JSON.stringify(meta).replace(
    /"root":.*?"name":"DTRegression"/,
    `"root":${deep},"name":"DTRegression"`,
  );
  const header = JSON.stringify({ kind, meta: 0, arrays: [] }).replace(
    '"meta":0',
    `"meta":${text}`,
  );
  const bytes = new Uint8Array(16 + Math.ceil(header.length / 8) * 8);
  bytes.set(artefacts[3]!.subarray(0, 12));
  new DataView(bytes.buffer).setUint32(12, header.length, true);
  for (let i = 0; i < header.length; i++) bytes[16 + i] = header.charCodeAt(i);
  assertHarmless(bytes);
});

test('bytes may lie anywhere in their buffer, and names in any script are kept', () => {
  const container = {
    kind: 'x',
    meta: { name: 'größe 尺寸 😀 \ud800' },
    arrays: { a: Float64Array.of(1, NaN) },
  };
  const bytes = encodeContainer(container);
  const shifted = new Uint8Array(bytes.length + 3).subarray(3);
  shifted.set(bytes);
  const decoded = decodeContainer(shifted);
  assert.deepEqual(decoded.meta, container.meta);
  assert.deepEqual(decoded.arrays['a'], container.arrays.a);
});
