import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { computeIn, environmentIn, ingested } from '../../test/support/in-process.ts';
import { loans } from '../../test/support/loans.ts';
import type { ModelRef } from '../../workflows/contract.ts';
import type { Compute, TaskInput, TaskResult } from '../compute.ts';
import type { Work } from '../work.ts';
import type { Environment } from '../environment.ts';
import { openCheckpoints } from './checkpoints.ts';
import { trainOnThreads } from './train-on-threads.ts';
import type { TrainInput } from './training-data.ts';

describe('training', () => {
  let folder: string;
  let config: PipelineConfig;
  const yaml = { name: 'loans', files: { folder: 'incoming' }, target: 'defaulted' };
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-train-'));
    config = { ...pipelineSchema.parse(yaml), hooks: null };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('of a forest goes on from the trees that a killed attempt left, and ends in the same model', async () => {
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

  test('loses about a second of work to a kill, however small the parts of the work are', async (t) => {
    let clock = 0;
    t.mock.method(performance, 'now', () => clock);
    const chunkMs = 300;
    const checkpoints = (name: string): string => path.join(folder, name, 'checkpoints');
    const environment = {
      ...(await environmentOf('small parts')),
      checkpoints: openCheckpoints(checkpoints('small parts')),
    };
    const input = await inputOf(environment);
    const grownBy = async (attempt: { readonly growing?: number }): Promise<string[]> => {
      const grown: string[] = [];
      const onChunk = (): number => (clock += chunkMs);
      const trained = train(input, environment, grown, { ...attempt, onChunk });
      await (attempt.growing === undefined ? trained : assert.rejects(trained, /killed/));
      return grown;
    };
    await grownBy({ growing: 3 });
    assert.deepEqual(await namesIn(checkpoints('small parts')), [], '.9 s are not worth it');
    const killed = await grownBy({ growing: 9 });
    const resumed = await grownBy({});
    const lost = killed.filter((chunk) => resumed.includes(chunk));
    assert.ok(lost.length * chunkMs < 1_000, `${lost.length} chunks are grown again`);
    assert.equal(new Set([...killed, ...resumed]).size, 10);
    assert.deepEqual(await namesIn(checkpoints('small parts')), []);
  });

  test('of boosted trees goes on from those that were kept, and ends in the same model', async () => {
    const environment = await environmentOf('boosted');
    const estimator = { kind: 'boosting' as const };
    const boosting = {
      ...config,
      estimator: pipelineSchema.parse({ ...yaml, estimator }).estimator,
    };
    const input = { ...(await inputOf(environment)), config: boosting };
    const names: string[] = [];
    const attempt = (dies: boolean): Promise<ModelRef> => {
      const compute = computeIn(environment, {
        onTask: (name) => {
          if (dies && name === 'finishTraining') throw new Error('killed');
          names.push(name);
        },
      });
      return trainOnThreads(input, compute, quiet());
    };
    await assert.rejects(attempt(true), /killed/);
    assert.ok(names.includes('boost'));
    names.length = 0;
    const resumed = await attempt(false);
    assert.ok(!names.includes('boost'), 'nothing is left to boost');
    const undisturbed = await environmentOf('boosted at once');
    await inputOf(undisturbed);
    const expected = await trainOnThreads(input, computeIn(undisturbed), quiet());
    assert.equal(resumed.artefact.sha256, expected.artefact.sha256);
  });

  test('of boosted trees that is killed half way goes on from the finished ones, and says how long the rest takes', async (t) => {
    let clock = 0;
    t.mock.method(performance, 'now', () => clock);
    const steps = { iterations: 10, onStep: () => (clock += 20_000) };
    const interrupted = await environmentOf('boosting killed');
    const undisturbed = await environmentOf('boosting whole');
    const { estimator } = pipelineSchema.parse({ ...yaml, estimator: { kind: 'boosting' } });
    const input = { ...(await inputOf(interrupted)), config: { ...config, estimator } };
    await inputOf(undisturbed);
    const expected = await trainOnThreads(input, inSteps(computeIn(undisturbed), steps), quiet());

    let begun = 0;
    const killed = computeIn(interrupted, {
      onTask: (name) => {
        if (name === 'boost' && ++begun > 4) throw new Error('killed');
      },
    });
    await assert.rejects(trainOnThreads(input, inSteps(killed, steps), quiet()), /killed/);
    const notes: string[] = [];
    const shares: number[] = [];
    const resumed = await trainOnThreads(input, inSteps(computeIn(interrupted), steps), {
      signal: new AbortController().signal,
      report: ({ done, note }) => {
        notes.push(note);
        shares.push(done);
      },
    });
    assert.equal(resumed.artefact.sha256, expected.artefact.sha256);
    assert.match(notes[0] ?? '', /^going on from what an earlier attempt left$/);
    // Ten iterations take 20 s, and the forty that were found none of this attempt's time.
    assert.match(notes[1] ?? '', /^50 of at most 100 iterations, loss 0\.\d+, about 100 s left$/);
    assert.match(notes[5] ?? '', /^90 of at most 100 iterations, loss 0\.\d+, about 20 s left$/);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
  });

  test('gives the same model on any number of threads', async () => {
    const [first, second] = [await environmentOf('one'), await environmentOf('many')];
    const input = await inputOf(first);
    await inputOf(second);
    const one = await train(input, first, [], { threads: 1 });
    const many = await train(input, second, [], { threads: 16 });
    assert.equal(many.artefact.sha256, one.artefact.sha256);
  });

  test('that would take more memory than it may fails before it begins', async () => {
    const fitMemory = { megabytes: 0, threads: 2 };
    const environment = { ...(await environmentOf('narrow')), fitMemory };
    const names: string[] = [];
    await assert.rejects(train(await inputOf(environment), environment, names), {
      name: 'NotEnoughMemoryError',
      message: /^fitting 'forest' to \d+ rows .* more than the 0 MB .* \(CALMOPS_FIT_MEMORY\)$/,
    });
    assert.deepEqual(names, []);
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
 * @param onChunk is called for every chunk that is grown
 */
async function train(
  input: TrainInput,
  environment: Environment,
  grown: string[],
  {
    threads = 2,
    growing = Infinity,
    onChunk = () => undefined,
  }: {
    readonly threads?: number;
    readonly growing?: number;
    readonly onChunk?: () => unknown;
  } = {},
): Promise<ModelRef> {
  const compute = computeIn(environment, {
    threads,
    onTask: (name, taskInput) => {
      if (name !== 'growTrees') return;
      if (grown.length >= growing) throw new Error('killed');
      grown.push(String((taskInput as { first: number }).first));
      onChunk();
    },
  });
  return trainOnThreads(input, compute, quiet());
}

/** Boosting on slow machines: so many iterations a step. */
function inSteps(
  compute: Compute,
  { iterations, onStep }: { readonly iterations: number; readonly onStep: () => void },
): Compute {
  const boosted = async (task: TaskInput<'boost'>): Promise<TaskResult<'boost'>> => {
    const { set, state } = task;
    const { params, initial } = set;
    const end = state.trees.length / initial.length + iterations;
    const until = { ...params, iterations: Math.min(params.iterations, end) };
    const next = await compute.run('boost', { ...task, set: { ...set, params: until } });
    onStep();
    const isFinished = next.trees.length / initial.length < end || end >= params.iterations;
    return { ...next, isFinished };
  };
  return {
    ...compute,
    run: (name, input, options) =>
      name === 'boost'
        ? (boosted(input as TaskInput<'boost'>) as never)
        : compute.run(name, input, options),
  };
}

function quiet(): Work {
  return { signal: new AbortController().signal, report: () => undefined };
}

/** The entries of a folder, which need not be there. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}
