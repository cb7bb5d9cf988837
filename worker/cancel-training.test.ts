import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Compute, TaskName } from '../activities/compute.ts';
import { trainOnThreads } from '../activities/training/train-on-threads.ts';
import { environmentIn } from '../test/support/in-process.ts';
import { retrainingsIn, type Past } from '../test/support/retrainings.ts';
import { startComputePool, type ComputePool } from './compute-pool.ts';

const THREADS = 2;
/** So many, and so many trees, that a single trial takes far longer than the test may. */
const ROWS = 20_000;
const estimator = { kind: 'forest', trees: 2000, maxDepth: 64, minLeaf: 1 } as const;

describe('a training on threads that is cancelled', { timeout: 60_000 }, () => {
  let folder: string;
  let pool: ComputePool;
  let past: Past;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-cancel-'));
    const environment = environmentIn(folder);
    past = await retrainingsIn(folder, environment, ROWS).history('classes', {
      retrain: { mode: 'auto', auto: { modes: ['full', 'window'], files: 3 } },
    });
    pool = startComputePool(THREADS, {
      storeFolder: path.join(folder, 'store'),
      scratchFolder: folder,
      checkpointsFolder: path.join(folder, 'checkpoints'),
      codeVersion: environment.codeVersion,
      fitMemory: environment.fitMemory,
    });
  });
  after(async () => {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('ends in the middle of the trials of auto, and its threads are there for other work', async () => {
    const input = {
      ...{ ...past.input('auto'), parent: past.champion },
      config: { ...past.config, estimator },
    };
    const cancellation = new AbortController();
    const started = new Map<TaskName, number>();
    let begin = (): void => undefined;
    const trying = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const observed: Compute = {
      threads: pool.threads,
      run: (name, task, options) => {
        started.set(name, (started.get(name) ?? 0) + 1);
        if (name === 'tryMode') begin();
        return pool.run(name, task, options);
      },
    };
    const work = { signal: cancellation.signal, report: () => undefined };
    const training = trainOnThreads(input, observed, work);
    await trying;
    // Long enough for each thread to be in the middle of a trial, which nothing tells from outside.
    await setTimeout(500);
    cancellation.abort();
    await assert.rejects(training, { name: 'AbortError' });
    assert.equal(started.get('chooseMode'), undefined);
    const planned = await Promise.all(
      Array.from({ length: THREADS }, () => pool.run('planBacktest', { input })),
    );
    assert.deepEqual(
      planned.map(({ modes }) => modes.length),
      [2, 2],
    );
  });
});
