import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { loadModel } from '../core/models/artefact/artefact.ts';
import { learnSchema } from '../core/models/input/encoder.ts';
import { fitModel } from '../core/models/fit.ts';
import { allRows, houses, numbers, tableOf, texts } from '../core/models/fixtures/tables.ts';
import { DEFAULT_LINEAR } from '../core/models/linear/linear.ts';
import { onnxGraphOf } from '../core/models/onnx/export.ts';
import { encodeOnnx } from './onnx.ts';
import { onnxRows } from './fixtures/onnx-models.ts';

/** `command` says how these values were made: predictions are those of Python's onnxruntime. */
const golden = JSON.parse(readFileSync(new URL('fixtures/onnx.json', import.meta.url), 'utf8')) as {
  readonly models: readonly {
    readonly name: string;
    readonly artefact: string;
    readonly onnxSha256: string;
    readonly predictions: {
      readonly predicted_label?: readonly string[];
      readonly predicted_probabilities?: readonly number[];
      readonly predicted_value?: readonly number[];
    };
  }[];
};

describe('a model as ONNX', () => {
  for (const { name, artefact, onnxSha256, predictions } of golden.models) {
    test(`${name}: is the file that onnxruntime predicts from as the model does`, () => {
      const model = loadModel(Buffer.from(artefact, 'base64'));
      const bytes = encodeOnnx(onnxGraphOf(model));
      assert.equal(createHash('sha256').update(bytes).digest('hex'), onnxSha256);
      const own = model.predict(onnxRows());
      if (own.kind === 'regression') {
        assertNear(own.values, predictions.predicted_value ?? []);
        return;
      }
      assertNear(own.probabilities, predictions.predicted_probabilities ?? []);
      const labels = Array.from(own.labels, (label) => own.classes[label]);
      assert.deepEqual(labels, predictions.predicted_label);
    });
  }

  test('what cannot be said in ONNX is refused by name', () => {
    const table = houses(60, 1);
    const schema = learnSchema(table, allRows(table), {
      target: 'price',
      task: 'regression',
      ignore: ['dear', 'band'],
    });
    const baseline = fitModel(table, allRows(table), schema, { kind: 'baseline' }, 1);
    assert.throws(() => onnxGraphOf(baseline), /estimator 'baseline' cannot be written as ONNX/);
    const odd = tableOf(
      texts('c', ['', 'a', 'b', '']),
      numbers('predicted_value', [1, 2, 3, 4]),
      numbers('y', [1, 2, 3, 5]),
    );
    const fitted = (ignore: readonly string[]) =>
      fitModel(
        odd,
        allRows(odd),
        learnSchema(odd, allRows(odd), { target: 'y', task: 'regression', ignore }),
        DEFAULT_LINEAR,
        1,
      );
    assert.throws(() => onnxGraphOf(fitted(['predicted_value'])), /'c' has the category ''/);
    assert.throws(() => onnxGraphOf(fitted(['c'])), /'predicted_value' has the name of an output/);
  });
});

/** The operator for trees gives floats. */
function assertNear(own: Float64Array, found: readonly number[]): void {
  assert.equal(found.length, own.length);
  own.forEach((value, i) => {
    const other = found[i] ?? NaN;
    const near = Math.abs(value - other) <= 2e-6 * Math.max(1, Math.abs(value));
    assert.ok(near, `${i}: ${value}, onnxruntime ${other}`);
  });
}
