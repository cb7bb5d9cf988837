import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { serialize } from 'node:v8';
import { environmentIn } from '../../test/support/in-process.ts';
import { retrainingsIn, type Retrainings } from '../../test/support/retrainings.ts';
import type { TrialRequest, TrialResult } from './backtest.ts';
import type { Environment } from '../environment.ts';

const AUTO = {
  retrain: { mode: 'auto', auto: { modes: ['full', 'incremental', 'window'], files: 3 } },
};

describe('auto', () => {
  let folder: string;
  let environment: Environment;
  let { history, retrained } = {} as Retrainings;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-modes-'));
    environment = environmentIn(folder);
    ({ history, retrained } = retrainingsIn(folder, environment));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('tries out modes for auto and takes the cheapest that is as good as the best', async () => {
    const past = await history('classes', AUTO);
    const { card } = await retrained(past, 'auto');
    assert.equal(card.askedMode, 'auto');
    assert.deepEqual(
      card.modesTried?.scores.map(({ mode }) => mode),
      ['incremental', 'full', 'window'],
    );
    assert.match(card.notes?.[0] ?? '', new RegExp(`'${card.mode}'`));
  });

  test('has trials that are too large beside others run alone, and leaves out a mode that is too large even so', async () => {
    const past = await history('classes', { ...AUTO, estimator: { kind: 'forest', trees: 100 } });
    const narrow = { ...environment, fitMemory: { megabytes: 1, threads: 2 } };
    const runs: string[] = [];
    const onTask = (name: string, input: unknown): void => {
      if (name !== 'tryMode') return;
      const { mode, together } = input as TrialRequest;
      runs.push(`${mode}, ${together} at once`);
    };
    const { card } = await retrainingsIn(folder, narrow).retrained(past, 'auto', { onTask });
    const times = (run: string): number => runs.filter((own) => own === run).length;
    assert.equal(times('full, 2 at once'), times('full, 1 at once'));
    assert.ok(times('incremental, 1 at once') > 0, 'further trees take memory too');
    assert.equal(times('incremental, 2 at once'), times('incremental, 1 at once'));
    const [left] = card.modesTried?.leftOut ?? [];
    assert.equal(left?.mode, 'window');
    assert.match(left.reason, /takes about 2 MB, more than the 1 MB .*CALMOPS_FIT_MEMORY/);
  });

  test('does not repeat the trials that an attempt at auto had finished when it was killed', async () => {
    const past = await history('classes', AUTO);
    const before: string[] = [];
    await assert.rejects(
      retrained(past, 'auto', {
        onTask: (name) => {
          if (name !== 'tryMode') return;
          if (before.length === 5) throw new Error('killed');
          before.push(name);
        },
      }),
      /killed/,
    );
    const [work = ''] = await readdir(path.join(folder, 'checkpoints'));
    const kept = await environment.checkpoints.read(work);
    assert.equal(kept.size, before.length);
    const mark: TrialResult = { kind: 'left out', reason: 'as the checkpoint says' };
    await environment.checkpoints.remove(work);
    await environment.checkpoints.keep(work, new Map([...kept, ['window-0', serialize(mark)]]));
    const { card } = await retrained(past, 'auto');
    assert.deepEqual(card.modesTried?.leftOut, [{ mode: 'window', reason: mark.reason }]);
    assert.deepEqual(await readdir(path.join(folder, 'checkpoints')), []);
  });

  test('for auto never tries a mode on rows that the champion was trained on', async () => {
    const past = await history('classes', AUTO);
    const { challenger: champion } = await retrained(past, 'full');
    const { card } = await retrained({ ...past, champion, sequence: 5 }, 'auto');
    assert.equal(card.mode, 'full');
    assert.deepEqual(card.modesTried?.scores, []);
    assert.match(card.notes?.[0] ?? '', /^No mode could be tried on recent files/);
  });

  test('for auto tries modes on files that came after those that the champion knows', async () => {
    const past = await history('classes', {
      retrain: { mode: 'auto', auto: { modes: ['full'], files: 4 } },
    });
    const [, , third] = past.earlier;
    assert.ok(third !== undefined);
    const { challenger: champion } = await retrained(
      { ...past, newest: third, sequence: 3 },
      'full',
    );
    const tried: unknown[] = [];
    await retrained({ ...past, champion }, 'auto', {
      onTask: (name, input) => name === 'tryMode' && tried.push(input),
    });
    assert.equal(tried.length, 1, 'of the new file alone: the second came before the third');
  });
});
