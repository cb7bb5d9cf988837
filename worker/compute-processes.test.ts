import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import { pino } from 'pino';
import { failedAttempt, NO_ATTEMPTS } from '../activities/task-attempts.ts';
import { hashFile } from '../data/hash-file.ts';
import { environmentIn } from '../test/support/in-process.ts';
import { retrainingsIn } from '../test/support/retrainings.ts';
import { startComputeProcesses, type RunningProcesses } from './compute-processes.ts';
import { scratchOf, sweepScratch } from './scratch-folders.ts';

/** With so many, and so many trees, a trial takes seconds: it is still going on when it is cancelled. */
const ROWS = 60_000;
const LIMITS = { failures: 5, crashes: 3, kills: 10 };
const estimator = { kind: 'forest', trees: 2000, maxDepth: 64, minLeaf: 1 } as const;

describe('the processes of a worker', { timeout: 300_000 }, () => {
  let folder: string;
  let processes: RunningProcesses;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-processes-'));
    const { codeVersion, fitMemory } = environmentIn(folder);
    processes = startComputeProcesses({
      atOnce: 1,
      readMemoryMb: 1024,
      logger: pino({ level: 'silent' }),
      settings: {
        storeFolder: path.join(folder, 'store'),
        scratchFolder: path.join(folder, 'scratch'),
        checkpointsFolder: path.join(folder, 'checkpoints'),
        codeVersion,
        fitMemory,
      },
    });
  });
  after(async () => {
    await processes.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('end a training at once when it is cancelled, and train the next one to its end', async () => {
    const environment = environmentIn(folder);
    const retraining = { retrain: { mode: 'auto', auto: { modes: ['full', 'window'], files: 3 } } };
    const past = await retrainingsIn(folder, environment, ROWS).history('classes', retraining);
    const config = { ...past.config, estimator };
    const input = { ...past.input('auto'), parent: past.champion, config };
    const cancellation = new AbortController();
    const { signal } = cancellation;
    let tell: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const training = processes.train(input, { signal, report: () => tell() });
    await begun;
    // Long enough for the threads to be in the middle of their work, which nothing tells from outside.
    await setTimeout(500);
    cancellation.abort();
    await assert.rejects(training, { name: 'AbortError' });
    const next = { ...past.input('full'), parent: past.champion };
    const undisturbed = { signal: new AbortController().signal, report: () => undefined };
    assert.equal((await processes.train(next, undisturbed)).mode, 'full');
  });

  test('outlive a file that ends its reader, and say what it did', async () => {
    const deep = path.join(folder, 'deep.json');
    await writeFile(deep, `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    const { config } = await retrainingsIn(folder, environmentIn(folder)).history('classes', {});
    const identity = await hashFile(deep);
    const file = {
      name: 'deep.json',
      path: deep,
      arrivedAt: '2026-01-01T00:00:00.000Z',
      ...identity,
    };
    const { signal } = new AbortController();
    await assert.rejects(processes.run('ingest', { config, file }, { signal }), (error) => {
      const found = failedAttempt(error, NO_ATTEMPTS, { readsFile: true, limits: LIMITS });
      assert.ok(found?.failure instanceof ApplicationFailure);
      assert.equal(found.failure.type, 'InvalidDataset');
      assert.equal(found.failure.nonRetryable, true);
      return true;
    });
  });

  test('leave no working files of one that was ended', async () => {
    const scratch = path.join(folder, 'scratch');
    for (let looks = 0; looks < 600; looks++) {
      const files = await readdir(scratch, { recursive: true });
      if (!files.some((name) => name.includes('calmops-read-'))) return;
      await setTimeout(50);
    }
    assert.fail('the working files stay');
  });
});

test('the working files of processes that are gone are swept, and those of others stay', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-sweep-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const own = scratchOf(process.pid);
  // Above the highest id that Linux gives to a process.
  const gone = scratchOf(2 ** 22 + 1);
  const foreign = 'another-host-1';
  for (const name of [own, gone, foreign]) await mkdir(path.join(folder, name));
  await writeFile(path.join(folder, gone, 'dataset'), 'left behind');
  await sweepScratch(folder);
  assert.deepEqual((await readdir(folder)).sort(), [foreign, own].sort());
});
