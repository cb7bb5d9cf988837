import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { learnSchema } from '../core/models/input/encoder.ts';
import { fitModel, type EstimatorParams } from '../core/models/fit.ts';
import { allRows, houses } from '../core/models/fixtures/tables.ts';
import { DEFAULT_FOREST } from '../core/models/forest/params.ts';
import { DEFAULT_LINEAR } from '../core/models/linear/linear.ts';
import { mlRandomForestJson } from '../core/models/ml-random-forest/ml-forest-json.ts';
import { onnxGraphOf } from '../core/models/onnx/export.ts';
import { openLocalStore } from '../store/local-store.ts';
import { encodeOnnx } from '../store/onnx.ts';

const PROGRAM = fileURLToPath(new URL('../scripts/calmops.mjs', import.meta.url));
const table = houses(60, 1);
const schema = learnSchema(table, allRows(table), {
  target: 'price',
  task: 'regression',
  ignore: ['dear', 'band'],
});
const fit = (params: EstimatorParams) => fitModel(table, allRows(table), schema, params, 1);

const forest = fitModel(
  table,
  allRows(table),
  learnSchema(table, allRows(table), {
    target: 'price',
    task: 'regression',
    ignore: ['dear', 'band', 'district', 'age'],
  }),
  { ...DEFAULT_FOREST, trees: 3 },
  1,
);

describe('calmops export', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'calmops-export-'));
    const store = openLocalStore(path.join(home, 'store'));
    await store.put('models/good/model.bin', fit(DEFAULT_LINEAR).toBytes());
    await store.put('models/forest/model.bin', forest.toBytes());
    await store.put('models/plain/model.bin', fit({ kind: 'baseline' }).toBytes());
  });
  after(() => rm(home, { recursive: true }));

  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [PROGRAM, 'export', ...args], {
      env: { ...process.env, CALMOPS_HOME: home, CALMOPS_LOGS: path.join(home, 'logs') },
    });

  test('writes a stored model as an ONNX file', async () => {
    const file = path.join(home, 'good.onnx');
    const { stdout } = await run('houses', '--model', 'good', '--onnx', file);
    assert.match(stdout, /^houses: model good is in .*good\.onnx$/m);
    const expected = encodeOnnx(onnxGraphOf(fit(DEFAULT_LINEAR)));
    assert.deepEqual(new Uint8Array(await readFile(file)), new Uint8Array(expected));
  });

  test('writes a forest as JSON of the package ml-random-forest', async () => {
    const file = path.join(home, 'forest.json');
    await run('houses', '--model', 'forest', '--ml-random-forest', file);
    const written: unknown = JSON.parse(await readFile(file, 'utf8'));
    assert.deepEqual(written, JSON.parse(JSON.stringify(mlRandomForestJson(forest))));
    await assert.rejects(run('houses', '--model', 'good', '--ml-random-forest', file), {
      code: 1,
      stderr: /^good: a model of the estimator 'linear' cannot be written for ml-random-forest/,
    });
    await assert.rejects(run('houses', '--onnx', file, '--ml-random-forest', file), {
      code: 1,
      stderr: /^Usage/,
    });
  });

  test('says what is wrong: a model that ONNX cannot say, none of that name, no file', async () => {
    const file = path.join(home, 'none.onnx');
    await assert.rejects(run('houses', '--model', 'plain', '--onnx', file), {
      code: 1,
      stderr: /^plain: a model of the estimator 'baseline' cannot be written as ONNX/,
    });
    await assert.rejects(run('houses', '--model', 'absent', '--onnx', file), {
      code: 1,
      stderr: /^absent: the store has no such model/,
    });
    await assert.rejects(run('houses'), { code: 1, stderr: /^Usage: .* export PIPELINE \(--onnx/ });
  });
});
