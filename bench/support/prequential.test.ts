import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '../../core/random.ts';
import type { Table } from '../../core/table.ts';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { runPrequential } from './prequential.ts';

/** Rows whose class is whether x lies above 0.5, or the other way round. */
function file(rows: number, turned: boolean, random: Random): Table {
  const x = Float64Array.from({ length: rows }, random);
  const z = Float64Array.from({ length: rows }, random);
  return {
    rows,
    columns: [
      { kind: 'numeric', name: 'x', values: x },
      { kind: 'numeric', name: 'z', values: z },
      {
        kind: 'categorical',
        name: 'y',
        dictionary: ['high', 'low'],
        codes: Int32Array.from(x, (value) => Number(value > 0.5 === turned)),
      },
    ],
  };
}

function stream(turnsAt: number, files: number): readonly Table[] {
  const random = createRandom(3);
  return Array.from({ length: files }, (_, at) => file(200, at >= turnsAt, random));
}

function configOf(mode: string): PipelineConfig {
  const config = pipelineSchema.parse({
    name: 'stream',
    files: { folder: 'nowhere' },
    target: 'y',
    estimator: { kind: 'logistic' },
    retrain: { mode },
  });
  return { ...config, hooks: null };
}

const CLOCK = { task: 'classification', intervalMs: 86_400_000 } as const;

test('a stream that does not change is scored, and nothing is retrained', () => {
  const result = runPrequential(stream(Infinity, 6), configOf('full'), CLOCK);
  assert.equal(result.retrains, 0);
  assert.deepEqual(
    result.files.map(({ action }) => action),
    ['train', 'keep', 'keep', 'keep', 'keep', 'keep'],
  );
  assert.equal(result.files[0]?.rows, 0, 'the first file is trained on, so it is not scored');
  assert.ok(result.accuracy > 0.95, `accuracy ${result.accuracy}`);
});

for (const mode of ['full', 'stacking', 'recalibration', 'auto']) {
  test(`after the world has turned round, mode ${mode} brings a model that knows it`, () => {
    const result = runPrequential(stream(3, 6), configOf(mode), CLOCK);
    const [, , , turned, next] = result.files;
    assert.equal(turned?.action, 'retrain');
    assert.ok(turned.promoted);
    assert.ok(turned.right / turned.rows < 0.2, 'the file is scored before it is trained on');
    assert.ok((next?.right ?? 0) / (next?.rows ?? 1) > 0.85);
    assert.equal(result.promotions, 1);
  });
}

test('auto takes the cheapest mode that does as well as the best', () => {
  const result = runPrequential(stream(3, 5), configOf('auto'), CLOCK);
  assert.equal(result.files[3]?.mode, 'recalibration');
});

test('the same stream and pipeline give the same figures', () => {
  const run = (): unknown => runPrequential(stream(2, 4), configOf('replay'), CLOCK);
  assert.deepEqual(run(), run());
});
