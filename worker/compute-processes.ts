import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import {
  TaskFailure,
  TaskProcessEnded,
  type ComputeProcesses,
  type ProcessTaskInput,
  type ProcessTaskName,
  type ProcessTaskResult,
  type ThrownError,
} from '../activities/compute-processes.ts';
import type { Heartbeat } from '../activities/work.ts';
import { childEnvironment } from '../shell/child-environment.ts';
import { readingLimits } from '../data/reading-limits.ts';
import type { TaskLimits } from '../processes/messages.ts';
import { ProcessEndedError } from '../processes/process-ended.ts';
import { startProcessPool, type ProcessPool, type TaskOptions } from '../processes/process-pool.ts';
import { scratchOf, sweepScratch } from './scratch-folders.ts';
import type { TaskSettings } from './task-environment.ts';

/** What a compute process is asked to do. */
export interface ProcessTask {
  readonly name: ProcessTaskName | 'train';
  readonly input: unknown;
}

export type ProcessReply =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: ThrownError };

export interface RunningProcesses extends ComputeProcesses {
  /** Ends all processes, whatever they do. */
  close(): Promise<void>;
}

/** Trainings of different pipelines that run beside each other. Further ones wait on the server. */
export const TRAININGS_AT_ONCE = 2;

/** Trainings leave the processor to short tasks, which people and other pipelines wait for. */
const TRAINING_NICENESS = 10;

/** A process that keeps more than this after a task is replaced by one that has grown nothing yet. */
const REPLACE_ABOVE_MB = 768;

/** Run from its sources, a process has to register the TypeScript loader first. */
const FILE = new URL(
  import.meta.url.endsWith('.ts') ? './start-compute-process.mjs' : './compute-process.js',
  import.meta.url,
);

/**
 * Starts the processes that run tasks.
 * @param options.atOnce the most tasks beside trainings that run at a time
 * @param options.readMemoryMb the most memory that reading a dataset file may take
 */
export function startComputeProcesses(options: {
  readonly atOnce: number;
  readonly readMemoryMb: number;
  readonly settings: TaskSettings;
  readonly logger: Logger;
}): RunningProcesses {
  const { atOnce, readMemoryMb, settings, logger } = options;
  const shared = {
    file: FILE,
    data: settings,
    env: childEnvironment(),
    replaceAboveMb: REPLACE_ABOVE_MB,
    onErrorOutput: (text: string) => logger.warn({ output: text.trim() }, 'A task wrote this'),
    onGone: (pid: number) => void removeScratch(settings.scratchFolder, pid, logger),
  };
  const short = startProcessPool({ ...shared, size: atOnce, ready: atOnce });
  const training = startProcessPool({
    ...shared,
    size: TRAININGS_AT_ONCE,
    ready: 0,
    niceness: TRAINING_NICENESS,
  });
  return {
    async run<N extends ProcessTaskName>(
      name: N,
      input: ProcessTaskInput<N>,
      given: { readonly signal: AbortSignal; readonly near?: string },
    ): Promise<ProcessTaskResult<N>> {
      const limits = limitsOf({ name, input }, readMemoryMb);
      const result = await runIn(short, { name, input }, { ...given, ...(limits && { limits }) });
      // The process runs the task of this name, so its result is of this type.
      return result as ProcessTaskResult<N>;
    },
    async train(input, { signal, report }) {
      const onProgress = (value: unknown): void => report(value as Heartbeat);
      const result = await runIn(training, { name: 'train', input }, { signal, onProgress });
      return result as Awaited<ReturnType<ComputeProcesses['train']>>;
    },
    close: async () => {
      await Promise.all([short.close(), training.close()]);
      await sweepScratch(settings.scratchFolder);
    },
  };
}

async function runIn(pool: ProcessPool, task: ProcessTask, options: TaskOptions): Promise<unknown> {
  let reply: ProcessReply;
  try {
    reply = (await pool.run(task, options)) as ProcessReply;
  } catch (error) {
    if (error instanceof ProcessEndedError) throw new TaskProcessEnded(error.end, error.message);
    throw error;
  }
  if (reply.kind === 'failed') throw new TaskFailure(reply.error);
  return reply.result;
}

/** Only `ingest` reads what a stranger wrote. All other tasks read what CalmOps wrote. */
function limitsOf(
  task: { readonly name: ProcessTaskName; readonly input: unknown },
  readMemoryMb: number,
): TaskLimits | null {
  if (task.name !== 'ingest') return null;
  const { file } = task.input as ProcessTaskInput<'ingest'>;
  return readingLimits(file, readMemoryMb);
}

async function removeScratch(folder: string, pid: number, logger: Logger): Promise<void> {
  try {
    await rm(path.join(folder, scratchOf(pid)), { recursive: true, force: true });
  } catch (error) {
    logger.warn({ err: error }, 'The working files of a process that ended could not be removed');
  }
}
