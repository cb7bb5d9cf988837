import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipelineSchema, type PipelineConfig } from '../pipelines/schema.ts';
import { computeIn, environmentIn, ingested } from '../test/support/in-process.ts';
import { loans } from '../test/support/loans.ts';
import type { ModelRef } from '../workflows/contract.ts';
import type { Environment } from './environment.ts';
import { trainOnThreads } from './train-on-threads.ts';
import type { TrainInput } from './training-data.ts';

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
    const whole = await environmentOf('whole');
    const interrupted = await environmentOf('killed');
    const input = await inputOf(whole);
    await inputOf(interrupted);
    const expected = await train(input, whole, []);

    const killed: string[] = [];
    await assert.rejects(
      train(input, interrupted, killed, { growing: 4 }),
      /killed/,
      'the attempt ends after four chunks',
    );
    const resumed: string[] = [];
    const model = await train(input, interrupted, resumed);
    assert.equal(killed.length, 4);
    assert.equal(resumed.length, 6, 'the other six of ten chunks');
    assert.deepEqual(new Set([...killed, ...resumed]).size, 10, 'no tree is grown twice');
    assert.equal(model.id, expected.id);
    assert.equal(model.artefact.sha256, expected.artefact.sha256);
    assert.deepEqual(await readdir(path.join(folder, 'killed', 'checkpoints')), []);
  });

  test('gives the same model on any number of threads', async () => {
    const [first, second] = [await environmentOf('one'), await environmentOf('many')];
    const input = await inputOf(first);
    await inputOf(second);
    const one = await train(input, first, [], { threads: 1 });
    const many = await train(input, second, [], { threads: 16 });
    assert.equal(many.artefact.sha256, one.artefact.sha256);
  });

  test('asks for more rows when a file has too few', async () => {
    const environment = await environmentOf('few');
    const input = await inputOf(environment, 40);
    await assert.rejects(train(input, environment, []), {
      name: 'NotEnoughDataError',
      message: /28 rows to train on, the pipeline asks for at least 50/,
    });
  });

  test('says how far it is', async () => {
    const environment = await environmentOf('progress');
    const notes: string[] = [];
    const shares: number[] = [];
    await trainOnThreads(await inputOf(environment), computeIn(environment), {
      signal: new AbortController().signal,
      report: ({ done, note }) => {
        notes.push(note);
        shares.push(done);
      },
    });
    assert.ok(notes.includes('50 of 100 trees grown'), notes.join('; '));
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
      'never backwards',
    );
  });

  async function environmentOf(name: string): Promise<Environment> {
    await mkdir(path.join(folder, name));
    return environmentIn(path.join(folder, name));
  }

  async function inputOf(environment: Environment, rows = 300): Promise<TrainInput> {
    const dataset = await ingested('loans.csv', loans('old', 1, { rows }), config, environment);
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
  const compute = computeIn(environment, {
    threads,
    onTask: (name, taskInput) => {
      if (name !== 'growTrees') return;
      if (grown.length >= growing) throw new Error('killed');
      grown.push(String((taskInput as { first: number }).first));
    },
  });
  const signal = new AbortController().signal;
  return trainOnThreads(input, compute, { signal, report: () => undefined });
}
