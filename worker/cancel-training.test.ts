import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Compute, TaskName } from '../activities/compute.ts';
import type { Environment } from '../activities/environment.ts';
import { trainOnThreads } from '../activities/training/train-on-threads.ts';
import { environmentIn } from '../test/support/in-process.ts';
import { retrainingsIn, type Past } from '../test/support/retrainings.ts';
import { startComputePool, type ComputePool } from './compute-pool.ts';

const THREADS = 2;
/** With so many, and so many trees, a trial takes seconds: it is still going on when it is cancelled. */
const ROWS = 60_000;
const estimator = { kind: 'forest', trees: 2000, maxDepth: 64, minLeaf: 1 } as const;

describe('a training on threads that is cancelled', { timeout: 60_000 }, () => {
  let folder: string;
  let pool: ComputePool;
  let past: Past;
  let environment: Environment;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-cancel-'));
    environment = environmentIn(folder);
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
    const config = { ...past.config, estimator };
    const input = { ...past.input('auto'), parent: past.champion, config };
    const cancellation = new AbortController();
    const started = new Set<TaskName>();
    let begin = (): void => undefined;
    const trying = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const observed: Compute = {
      threads: pool.threads,
      run: (name, task, options) => {
        started.add(name);
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
    assert.equal(started.has('chooseMode'), false);
    const planned = await Promise.all(
      Array.from({ length: THREADS }, () => pool.run('planBacktest', { input })),
    );
    assert.deepEqual(
      planned.map(({ modes }) => modes.length),
      [2, 2],
    );
    // A trial that had gone on until it was done would have been kept, before its thread took other work.
    const trials = planned[0]?.work ?? '';
    assert.deepEqual([...(await environment.checkpoints.read(trials)).keys()], []);
  });
});
