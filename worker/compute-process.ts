/** The entry of a compute process: runs one task at a time for the worker that started it. */
import path from 'node:path';
import { thrownError } from '../activities/compute-processes.ts';
import type { Compute } from '../activities/compute.ts';
import { tasks } from '../activities/tasks.ts';
import { trainOnThreads } from '../activities/training/train-on-threads.ts';
import { createWithWholeConfig } from '../activities/whole-configuration.ts';
import type { Work } from '../activities/work.ts';
import { serveTasks } from '../processes/serve-tasks.ts';
import type { ComputeActivities, GivenConfig } from '../workflows/contract.ts';
import type { ProcessReply, ProcessTask } from './compute-processes.ts';
import { scratchOf } from './scratch-folders.ts';
import { openEnvironment, type TaskSettings } from './task-environment.ts';
import { startTrainingThreads } from './training-threads.ts';

/** A training that is to stop is ended with its process. */
const NEVER = new AbortController().signal;

serveTasks((data) => {
  const given = data as TaskSettings;
  const scratchFolder = path.join(given.scratchFolder, scratchOf(process.pid));
  const settings = { ...given, scratchFolder };
  const environment = openEnvironment(settings);
  const withWholeConfig = createWithWholeConfig(environment.store);
  let threads: Compute | null = null;
  const train = async (
    input: Parameters<ComputeActivities['train']>[0],
    work: Work,
  ): Promise<unknown> => {
    threads ??= startTrainingThreads(given.fitMemory.threads, settings);
    return trainOnThreads(await withWholeConfig(input), threads, work);
  };
  const run = async ({ name, input }: ProcessTask, report: Work['report']): Promise<unknown> => {
    if (name === 'train') {
      return train(input as Parameters<typeof train>[0], { signal: NEVER, report });
    }
    const task = tasks[name] as (input: unknown, of: typeof environment) => unknown;
    return task(await withWholeConfig(input as { readonly config: GivenConfig }), environment);
  };
  return async (request, report): Promise<ProcessReply> => {
    try {
      return { kind: 'done', result: await run(request as ProcessTask, report) };
    } catch (error) {
      return { kind: 'failed', error: thrownError(error) };
    }
  };
});
