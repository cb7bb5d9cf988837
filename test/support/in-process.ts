import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openCheckpoints } from '../../activities/training/checkpoints.ts';
import type { Compute, TaskName } from '../../activities/compute.ts';
import type { Environment } from '../../activities/environment.ts';
import { createRecentTables } from '../../activities/datasets/recent-tables.ts';
import { tasks } from '../../activities/tasks.ts';
import { trainingTasks } from '../../activities/training/training-tasks.ts';
import { hashFile } from '../../data/hash-file.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { openLocalStore } from '../../store/local-store.ts';
import type { Dataset } from '../../workflows/contract.ts';

/** What tasks use, below a folder of the test's; each checkpoint is worth keeping. */
export function environmentIn(folder: string): Environment {
  return {
    store: openLocalStore(path.join(folder, 'store')),
    scratchFolder: folder,
    recentTables: createRecentTables(),
    checkpoints: openCheckpoints(path.join(folder, 'checkpoints'), 0),
    codeVersion: '1',
    fitMemory: { megabytes: 4096, threads: 2 },
    told: [],
  };
}

/**
 * Tasks of a training run here, one after the other, instead of on threads.
 * @param onTask hears of each task before it runs; what it throws ends the task
 */
export function computeIn(
  environment: Environment,
  {
    threads = 2,
    onTask = () => undefined,
  }: {
    readonly threads?: number;
    readonly onTask?: (name: TaskName, input: unknown) => void;
  } = {},
): Compute {
  let queue: Promise<unknown> = Promise.resolve();
  return {
    threads,
    checkpoints: environment.checkpoints,
    run: (name, input) => {
      const task = trainingTasks[name] as (input: unknown, environment: Environment) => unknown;
      const result = queue.then(() => {
        onTask(name, input);
        return task(input, environment);
      });
      queue = result.catch(() => undefined);
      return result as never;
    },
  };
}

/** Ingests a file of the given content. */
export async function ingested(
  name: string,
  content: string,
  config: PipelineConfig,
  environment: Environment,
): Promise<Dataset> {
  const file = path.join(environment.scratchFolder, name);
  await writeFile(file, content);
  const arrived = { name, path: file, arrivedAt: '2026-01-01T00:00:00.000Z' };
  return tasks.ingest({ config, file: { ...arrived, ...(await hashFile(file)) } }, environment);
}
