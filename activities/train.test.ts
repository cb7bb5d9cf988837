import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hashFile } from '../data/hash-file.ts';
import { pipelineSchema, type PipelineConfig } from '../pipelines/schema.ts';
import { openLocalStore } from '../store/local-store.ts';
import { loans } from '../test/support/loans.ts';
import type { ModelRef } from '../workflows/contract.ts';
import { openCheckpoints } from './checkpoints.ts';
import type { Compute } from './compute.ts';
import type { Environment } from './environment.ts';
import { createRecentTables } from './recent-tables.ts';
import { tasks } from './tasks.ts';
import type { TrainInput } from './training-data.ts';
import { trainOnThreads } from './train-on-threads.ts';

describe('training a forest', () => {
  let folder: string;
  let config: PipelineConfig;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-train-'));
    const yaml = { name: 'loans', files: { folder }, target: 'defaulted' };
    config = { ...pipelineSchema.parse(yaml), hooks: null };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('goes on from the trees that a killed attempt left, and ends in the same model', async () => {
    const input = await inputOf(environmentIn('whole'));
    await inputOf(environmentIn('killed'));
    const whole = await train(input, environmentIn('whole'), []);

    const killed: string[] = [];
    await assert.rejects(
      train(input, environmentIn('killed'), killed, { growing: 4 }),
      /killed/,
      'the attempt ends after four chunks',
    );
    const resumed: string[] = [];
    const model = await train(input, environmentIn('killed'), resumed);
    assert.equal(killed.length, 4);
    assert.equal(resumed.length, 6, 'the other six of ten chunks');
    assert.deepEqual(new Set([...killed, ...resumed]).size, 10, 'no tree is grown twice');
    assert.equal(model.id, whole.id);
    assert.equal(model.artefact.sha256, whole.artefact.sha256);
    assert.deepEqual(await readdir(path.join(folder, 'killed', 'checkpoints')), []);
  });

  test('gives the same model on any number of threads', async () => {
    const input = await inputOf(environmentIn('one'));
    await inputOf(environmentIn('many'));
    const one = await train(input, environmentIn('one'), [], { threads: 1 });
    const many = await train(input, environmentIn('many'), [], { threads: 16 });
    assert.equal(many.artefact.sha256, one.artefact.sha256);
  });

  test('asks for more rows when a file has too few', async () => {
    const input = await inputOf(environmentIn('few'), 40);
    await assert.rejects(train(input, environmentIn('few'), []), {
      name: 'NotEnoughDataError',
      message: /28 rows to train on, the pipeline asks for at least 50/,
    });
  });

  function environmentIn(name: string): Environment {
    return {
      store: openLocalStore(path.join(folder, 'store', name)),
      scratchFolder: folder,
      recentTables: createRecentTables(),
      checkpoints: openCheckpoints(path.join(folder, name, 'checkpoints'), 0),
      codeVersion: '1',
    };
  }

  async function inputOf(environment: Environment, rows = 300): Promise<TrainInput> {
    const file = path.join(folder, `loans-${rows}.csv`);
    await writeFile(file, loans('old', 1, { rows }));
    const arrived = { name: 'loans.csv', path: file, arrivedAt: '2026-01-01T00:00:00Z' };
    const dataset = await tasks.ingest(
      { config, file: { ...arrived, ...(await hashFile(file)) } },
      environment,
    );
    return { config, dataset, parent: null, mode: 'full', refusal: null };
  }
});

/**
 * Trains with the tasks called here instead of on threads.
 * @param grown is told the first tree of every chunk that is grown
 * @param growing chunks after which the attempt is killed
 */
async function train(
  input: TrainInput,
  environment: Environment,
  grown: string[],
  {
    threads = 2,
    growing = Infinity,
  }: { readonly threads?: number; readonly growing?: number } = {},
): Promise<ModelRef> {
  let queue: Promise<unknown> = Promise.resolve();
  const compute: Compute = {
    threads,
    run: (name, taskInput) => {
      const task = tasks[name] as (input: unknown, environment: Environment) => unknown;
      const result = queue.then(() => {
        if (name === 'growTrees') {
          if (grown.length >= growing) throw new Error('killed');
          grown.push(String((taskInput as { first: number }).first));
        }
        return task(taskInput, environment);
      });
      queue = result.catch(() => undefined);
      return result as never;
    },
  };
  const signal = new AbortController().signal;
  return trainOnThreads(input, compute, { signal, report: () => undefined });
}
