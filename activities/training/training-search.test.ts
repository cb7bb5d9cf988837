import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { computeIn, environmentIn } from '../../test/support/in-process.ts';
import { retrainingsIn, type Retrainings } from '../../test/support/retrainings.ts';
import type { Compute } from '../compute.ts';
import type { Environment } from '../environment.ts';
import { trainOnThreads } from './train-on-threads.ts';

describe('a search before training', () => {
  let folder: string;
  let environment: Environment;
  let { history, retrained } = {} as Retrainings;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-modes-'));
    environment = environmentIn(folder);
    ({ history, retrained } = retrainingsIn(folder, environment));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('searches for parameters, and after a kill goes on from the fits that were made', async () => {
    const past = await history('classes', {
      estimator: { kind: 'forest', trees: 5 },
      search: { method: 'grid', grid: { maxDepth: [1, 6] }, cv: 2 },
    });
    const made: string[] = [];
    await assert.rejects(
      retrained(past, 'full', {
        onTask: (name) => {
          if (name === 'prepareFit') throw new Error('killed');
          if (name === 'searchTrial') made.push(name);
        },
      }),
      /killed/,
    );
    assert.equal(made.length, 6, 'the pipeline’s own parameters and two others, in two folds');
    const again: string[] = [];
    const { card } = await retrained(past, 'full', { onTask: (name) => again.push(name) });
    assert.ok(!again.includes('searchTrial'));
    assert.deepEqual([card.search?.made, card.search?.outOfTime], [6, false]);
    assert.match(
      card.notes?.join(' ') ?? '',
      /By cross-validation .* did best \(accuracy 0\.\d+\)/,
    );
    assert.equal(card.importances?.[0]?.feature, 'income', 'which decides in the new world');
  });

  for (const mode of ['stacking', 'stacking-refit'] as const) {
    test(`finds the parameters of the new models of the mode '${mode}', on all rows that they learn from`, async () => {
      const past = await history('classes', {
        estimator: { kind: 'forest', trees: 5, maxDepth: 1 },
        search: { method: 'grid', grid: { maxDepth: [1, 8] }, cv: 2 },
      });
      const { card } = await retrained(past, mode);
      assert.equal(card.mode, mode);
      assert.deepEqual([card.search?.made, card.search?.choice], [6, { maxDepth: 8 }]);
      assert.equal(card.estimator['maxDepth'], 8, 'with which the stack is fitted');
    });
  }

  test('of a search that was broken off, nothing is left to one for other parameters', async () => {
    const searching = (maxDepth: readonly number[]): Record<string, unknown> => ({
      estimator: { kind: 'forest', trees: 5 },
      search: { method: 'grid', grid: { maxDepth }, cv: 2 },
    });
    const past = await history('classes', searching([1, 6]));
    await assert.rejects(
      retrained(past, 'full', {
        onTask: (name) => {
          if (name === 'prepareFit') throw new Error('killed');
        },
      }),
      /killed/,
    );
    const { config } = await history('classes', searching([6, 1]));
    const made: string[] = [];
    await retrained({ ...past, config }, 'full', { onTask: (name) => made.push(name) });
    assert.equal(made.filter((name) => name === 'searchTrial').length, 6);
  });

  test('of a search says once why another mode was used', async () => {
    const past = await history('classes', { estimator: { kind: 'baseline' } });
    const config: PipelineConfig = {
      ...past.config,
      ...pipelineSchema.parse({
        ...{ files: { folder }, name: 'loans', target: 'defaulted' },
        ...{ estimator: { kind: 'forest', trees: 5 } },
        search: { method: 'grid', grid: { maxDepth: [1] }, cv: 2 },
      }),
    };
    const { card } = await retrained({ ...past, config }, 'incremental');
    const notes = card.notes ?? [];
    assert.deepEqual([card.mode, notes.length], ['full', 2], notes.join('\n'));
    assert.match(notes[0] ?? '', /cannot go on learning/);
    assert.match(notes[1] ?? '', /By cross-validation/);
  });

  test('of a search with a candidate that memory would not do for is refused before the first trial', async () => {
    const past = await history('classes', {
      estimator: { kind: 'forest', trees: 5 },
      search: { method: 'grid', grid: { trees: [5, 2000] }, cv: 2 },
    });
    const narrow = { ...environment, fitMemory: { megabytes: 2, threads: 2 } };
    const begun: string[] = [];
    await assert.rejects(
      retrainingsIn(folder, narrow).retrained(past, 'full', { onTask: (name) => begun.push(name) }),
      /fitting 'forest' to 210 rows .* more than the 2 MB .* \(CALMOPS_FIT_MEMORY\)/,
    );
    assert.ok(!begun.includes('searchTrial'));
  });

  test('of a search tries as many candidates at once as there is memory for', async () => {
    const past = await history('classes', {
      estimator: { kind: 'forest', trees: 1000 },
      search: { method: 'grid', grid: { maxDepth: [2, 6] }, cv: 2 },
    });
    const mostAtOnce = async (megabytes: number): Promise<number> => {
      const own = { ...environment, fitMemory: { megabytes, threads: 1 } };
      const compute = computeIn(own, { threads: 4 });
      let running = 0;
      let most = 0;
      const counting: Compute = {
        ...compute,
        run: (name, input, options) => {
          const step = name === 'searchTrial' ? 1 : 0;
          running += step;
          most = Math.max(most, running);
          return compute.run(name, input, options).finally(() => (running -= step));
        },
      };
      const work = { signal: new AbortController().signal, report: () => undefined };
      await trainOnThreads(past.input('full'), counting, work);
      return most;
    };
    assert.equal(await mostAtOnce(4096), 4, 'as many as there are threads');
    const refused = await mostAtOnce(0).catch((error: unknown) => String(error));
    const needed = Number(/takes about (\d+) MB/.exec(String(refused))?.[1]);
    assert.equal(await mostAtOnce(needed), 1, `of ${needed} MB`);
  });
});
