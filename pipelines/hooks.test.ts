import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ModelSchema } from '../core/models/model.ts';
import type { Table } from '../core/table.ts';
import { frameToTable, tableToFrame } from './frame.ts';
import { createHookTrainingData } from './hook-data.ts';
import { createHookModel, isHookModel, isModelOfHooks, loadHookModel } from './hook-model.ts';
import type { HookPredictions, Json, RunEvent } from './hooks.ts';
import { loadHooks, runHook, type LoadedHooks } from './load-hooks.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

const PRICES: Table = {
  rows: 3,
  columns: [
    { kind: 'numeric', name: 'width', values: Float64Array.of(2, 3, NaN) },
    { kind: 'numeric', name: 'height', values: Float64Array.of(5, 7, 1) },
    { kind: 'categorical', name: 'town', codes: Int32Array.of(0, 1, -1), dictionary: ['A', 'B'] },
    { kind: 'numeric', name: 'price', values: Float64Array.of(10, 20, 60) },
  ],
};
const PRICE: ModelSchema = {
  target: 'price',
  task: 'regression',
  features: [{ kind: 'numeric', name: 'width' }],
  classes: [],
};
const TOWN_CLASSES: ModelSchema = {
  target: 'price',
  task: 'classification',
  features: [{ kind: 'categorical', name: 'town', dictionary: ['B', 'C'] }],
  classes: ['10', '20', '60'],
};

describe('the hooks of a pipeline', () => {
  it('change dataset files before anything else sees them', async () => {
    const hooks = await loadHooks(fixture('mean-hooks.ts'));
    const frame = await runHook(hooks, 'preprocess', await tableToFrame(PRICES));
    const table = frameToTable(frame, PRICES);
    assert.deepEqual(table.columns.at(-1), {
      kind: 'numeric',
      name: 'area',
      values: Float64Array.of(10, 21, NaN),
    });
    assert.deepEqual(table.columns.slice(0, -1), PRICES.columns);
  });

  it('train, retrain and fall back with what the champion knows', async () => {
    const hooks = await loadHooks(fixture('mean-hooks.ts'));
    const data = createHookTrainingData(PRICES, PRICE, 1);
    const champion = await runHook(hooks, 'train', data);
    assert.deepEqual(champion, { mean: 30, trainedBy: 'train' });
    const challenger = await runHook(hooks, 'retrain', data, { mean: 10 });
    assert.deepEqual(challenger, { mean: 20, trainedBy: 'retrain' });
    const second = await runHook(hooks, 'fallback', data, { mean: 10 }, 'not better');
    assert.deepEqual(second, { mean: 10, trainedBy: 'fallback: not better' });
  });

  it('see features only, with the categories that were known in training', () => {
    const data = createHookTrainingData(PRICES, TOWN_CLASSES, 1);
    assert.deepEqual(
      data.table.columns.map(({ name }) => name),
      ['town'],
    );
    assert.deepEqual(data.texts('town'), [null, 'B', null]);
    assert.deepEqual(data.labels(), Int32Array.of(0, 1, 2));
    assert.throws(() => data.outcomes(), /'price' is a class: use labels\(\)/);
    assert.throws(() => data.numbers('town'), /'town' is categorical, expected numeric/);
  });

  it('may train on a frame', async () => {
    const frame = await createHookTrainingData(PRICES, PRICE, 1).frame();
    assert.deepEqual(frame.columns, ['width'], 'features and nothing else');
    assert.deepEqual(frame.values, [[2], [3], [NaN]]);
  });

  it('say in which line of which file they threw, in a thread too', async () => {
    // A thread does not know TypeScript by itself: compute threads begin with the same step.
    const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(
      new URL('./fixtures/run-in-thread.ts', import.meta.url).href,
    )}); })`;
    const thread = new Worker(start, {
      eval: true,
      workerData: fixture('throwing-hooks.ts'),
      execArgv: ['--enable-source-maps'],
    });
    const [message] = (await once(thread, 'message')) as [string];
    await thread.terminate();
    assert.equal(
      message,
      `hook train (${fixture('throwing-hooks.ts')}:12): TypeError: too many rows for me`,
    );
  });

  it('name themselves when they are missing', async () => {
    const hooks = await loadHooks(fixture('throwing-hooks.ts'));
    await assert.rejects(runHook(hooks, 'notify', {} as RunEvent), {
      name: 'HookFailedError',
      message: /hook notify \(.*throwing-hooks\.ts\): is not there/,
    });
  });
});

describe('a hooks.ts', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'calmops-hooks-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('is loaded anew when it has changed', async () => {
    const file = join(folder, 'hooks.ts');
    const trained = async (state: string): Promise<Json> => {
      await writeFile(file, `export default { train: (): string => '${state}' };\n`);
      const data = createHookTrainingData(PRICES, PRICE, 1);
      return runHook(await loadHooks(file), 'train', data);
    };
    assert.equal(await trained('first'), 'first');
    assert.equal(await trained('second'), 'second');
  });

  const cases: readonly (readonly [what: string, source: string, message: RegExp])[] = [
    [
      'an unknown hook',
      'export default { preproces() {} };',
      /unknown hook 'preproces' \(did you mean preprocess\?\); the hooks are preprocess, train/,
    ],
    [
      'a hook exported by name',
      'export function train() {}',
      /train exported by name; put them into export default/,
    ],
    ['no default export', 'export const x = 1;', /no default export/],
    [
      'a hook that is no function',
      'export default { train: 1 };',
      /hook train .*: number, expected a function/,
    ],
    ['an error at its top', 'throw new Error("no such table");', /hooks \(.*\): no such table/],
    ['a syntax error', 'export default {', /hooks \(.*\): /],
  ];
  for (const [i, [what, source, message]] of cases.entries()) {
    it(`is refused for ${what}`, async () => {
      const file = join(folder, `wrong-${i}.ts`);
      await writeFile(file, source);
      await assert.rejects(loadHooks(file), { name: 'HookFailedError', message });
    });
  }

  it('must be there', async () => {
    await assert.rejects(loadHooks(join(folder, 'absent.ts')), /HookFailedError.*ENOENT/s);
  });
});

describe('a model of hooks', () => {
  it('predicts the same once it is stored and loaded', async () => {
    const hooks = await loadHooks(fixture('share-hooks.ts'));
    const data = createHookTrainingData(PRICES, TOWN_CLASSES, 1);
    const model = createHookModel(TOWN_CLASSES, await runHook(hooks, 'train', data), hooks);
    const bytes = model.toBytes();
    assert.ok(isHookModel(bytes));
    const again = loadHookModel(bytes, hooks);
    assert.ok(isModelOfHooks(again));
    assert.deepEqual(again.state, model.state);
    assert.deepEqual(again.toBytes(), bytes);
    const predictions = again.predict(PRICES);
    assert.deepEqual(predictions, model.predict(PRICES));
    assert.equal(predictions.kind, 'classification');
    assert.deepEqual(predictions.labels, Int32Array.of(0, 1, 0));
    assert.deepEqual(predictions.probabilities.slice(3, 6), Float64Array.of(0.25, 0.5, 0.25));
  });

  it('names the feature that a table lacks', async () => {
    const hooks = await loadHooks(fixture('mean-hooks.ts'));
    const model = createHookModel(PRICE, { mean: 1 }, hooks);
    assert.throws(() => model.predict({ rows: 1, columns: [] }), {
      name: 'RangeError',
      message: /column 'width' is absent/,
    });
  });

  it('is refused when its bytes are not as they must be', async () => {
    const hooks = await loadHooks(fixture('mean-hooks.ts'));
    const text = (value: string): Uint8Array => new TextEncoder().encode(value);
    const mark = '{"calmops":"hook-model",';
    assert.ok(!isHookModel(text('CALMOPS')));
    for (const [bytes, message] of [
      [mark, /not JSON/],
      [`${mark}"version":2}`, /version 2; this CalmOps reads version 1/],
      [`${mark}"version":1,"schema":{},"state":1}`, /schema names no target/],
      [`${mark}"version":1,"schema":{}}`, /no state/],
    ] as const) {
      assert.throws(() => loadHookModel(text(bytes), hooks), { name: 'RangeError', message });
    }
  });

  it('has a state that JSON can hold', async () => {
    const hooks = await loadHooks(fixture('mean-hooks.ts'));
    for (const [state, message] of [
      [{ weights: [1, NaN] }, /its state\.weights\[1\] is NaN/],
      [{ a: undefined }, /its state\.a is undefined/],
      [{ a: new Map() }, /its state\.a is a Map/],
    ] as const) {
      assert.throws(() => createHookModel(PRICE, state as unknown as Json, hooks), { message });
    }
  });

  const wrong: readonly (readonly [what: string, answer: unknown, message: RegExp])[] = [
    ['nothing', undefined, /found undefined, expected probabilities for each of 3 rows/],
    ['too few rows', [[1, 0, 0]], /found 1 values, expected probabilities for each of 3 rows/],
    ['too few classes', [[1], [1], [1]], /found 1 values, expected in row 1 3 probabilities/],
    [
      'what does not add up',
      [
        [1, 0, 0],
        [1, 1, 0],
        [1, 0, 0],
      ],
      /row 2: its probabilities add up to 2/,
    ],
    [
      'NaN',
      [
        [NaN, 0, 1],
        [1, 0, 0],
        [1, 0, 0],
      ],
      /row 1: found NaN, expected a probability/,
    ],
    [
      'a negative share',
      [
        [-1, 1, 1],
        [1, 0, 0],
        [1, 0, 0],
      ],
      /row 1: found -1/,
    ],
  ];
  for (const [what, answer, message] of wrong) {
    it(`is refused when its predict hook answers ${what}`, () => {
      const hooks: LoadedHooks = { file: 'hooks.ts', predict: () => answer as HookPredictions };
      const model = createHookModel(TOWN_CLASSES, null, hooks);
      assert.throws(() => model.predict(PRICES), { name: 'HookFailedError', message });
    });
  }

  it('predicts finite numbers, one a row', () => {
    const answers = (answer: HookPredictions) =>
      createHookModel(PRICE, null, { file: 'hooks.ts', predict: () => answer });
    assert.throws(() => answers([1, 2, Infinity]).predict(PRICES), /row 3: found Infinity/);
    assert.throws(() => answers([1, 2]).predict(PRICES), /found 2 values, expected one number/);
    assert.deepEqual(answers([1, 2, 3]).predict(PRICES), {
      kind: 'regression',
      values: Float64Array.of(1, 2, 3),
    });
  });
});
