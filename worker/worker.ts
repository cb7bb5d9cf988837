import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createComputeActivities } from '../activities/create-compute-activities.ts';
import { createLightActivities } from '../activities/create-light-activities.ts';
import { connectOptions, connectWorker } from '../shell/connection.ts';
import type { Settings } from '../shell/settings.ts';
import { openLocalStore } from '../store/local-store.ts';
import { COMPUTE_QUEUE, LIGHT_QUEUE } from '../workflows/contract.ts';
import { startComputePool } from './compute-pool.ts';
import { payloadLimit } from './payload-limit.ts';
import { codeVersion } from './version.ts';
import { workflowSource } from './workflow-source.ts';

export interface RunningWorker {
  /** settles when the worker has stopped; rejects if it broke */
  readonly run: Promise<void>;
  /** Lets what is under way end, within the grace time, then stops. */
  shutdown(): Promise<void>;
}

/** How long activities that are under way may take to end when the worker is asked to stop. */
const GRACE = '10 seconds';

/**
 * Runs both halves of a worker in this process: workflows with the light activities, and the compute
 * activities with their threads. More hosts that run it share the work.
 */
export async function startWorker(options: {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly connection?: NativeConnection;
}): Promise<RunningWorker> {
  const { settings, logger } = options;
  const connection = options.connection ?? (await connectWorker());
  const { namespace } = connectOptions();
  const scratchFolder = path.join(settings.home, 'scratch');
  await mkdir(scratchFolder, { recursive: true });
  const compute = startComputePool(settings.computeThreads, {
    storeFolder: settings.storeFolder,
    scratchFolder,
    checkpointsFolder: path.join(settings.home, 'checkpoints'),
    codeVersion,
    fitMemory: { megabytes: settings.fitMemoryMb, threads: settings.computeThreads },
  });
  const shared = {
    connection,
    namespace,
    shutdownGraceTime: GRACE,
    dataConverter: { payloadCodecs: [payloadLimit] },
  } satisfies Partial<WorkerOptions>;
  const light = await Worker.create({
    ...shared,
    ...workflowSource(settings),
    taskQueue: LIGHT_QUEUE,
    activities: createLightActivities(openLocalStore(settings.storeFolder)),
    maxCachedWorkflows: 300,
  });
  const heavy = await Worker.create({
    ...shared,
    taskQueue: COMPUTE_QUEUE,
    activities: createComputeActivities(compute),
    // Tasks beyond the threads wait here, one deep, so that a thread never idles between two activities.
    maxConcurrentActivityTaskExecutions: settings.computeThreads * 2,
    // Beats are what activities are told of their cancellation by.
    maxHeartbeatThrottleInterval: '500 ms',
  });
  logger.info({ queues: [LIGHT_QUEUE, COMPUTE_QUEUE], threads: compute.threads }, 'Worker started');
  const run = Promise.all([light.run(), heavy.run()])
    .finally(() => compute.close())
    .then(() => undefined);
  return {
    run,
    shutdown: async () => {
      for (const worker of [light, heavy]) if (worker.getState() === 'RUNNING') worker.shutdown();
      await run;
      if (options.connection === undefined) await connection.close();
    },
  };
}
