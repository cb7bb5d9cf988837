import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import {
  createComputeActivities,
  createTrainingActivities,
} from '../activities/create-compute-activities.ts';
import { createLightActivities } from '../activities/create-light-activities.ts';
import { connectOptions } from '../shell/connection.ts';
import type { HealthFindings } from '../shell/health.ts';
import type { Settings } from '../shell/settings.ts';
import { workerVersioning } from '../shell/worker-versioning.ts';
import { openLocalStore } from '../store/local-store.ts';
import { COMPUTE_QUEUE, LIGHT_QUEUE, TRAINING_QUEUE } from '../workflows/contract.ts';
import {
  startComputeProcesses,
  TRAININGS_AT_ONCE,
  type RunningProcesses,
} from './compute-processes.ts';
import { connectWorker } from './connect-worker.ts';
import { causeOfFailure, isNotFound, missingNamespace } from './missing-namespace.ts';
import { requireSameStore } from './require-same-store.ts';
import { runTogether } from './run-together.ts';
import { sweepScratch } from './scratch-folders.ts';
import { codeVersion } from './version.ts';
import { workerHealth } from './worker-health.ts';
import { workflowSource } from './workflow-source.ts';

export interface RunningWorker {
  /** settles when the worker has stopped; rejects if it broke */
  readonly run: Promise<void>;
  /** Lets what is under way end, within the grace time, then stops. */
  shutdown(): Promise<void>;
  health(): Promise<HealthFindings>;
}

/** How long activities that are under way may take to end when the worker is asked to stop. */
const GRACE = '10 seconds';

/** A worker that does not stop by itself this long after it was asked is given up. */
const FORCE = '25 seconds';

interface WorkerParts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly connection?: NativeConnection;
}

/**
 * Runs all parts of a worker in this process: workflows with the light activities, and the activities that run their
 * tasks in child processes. More hosts that run it share the work.
 */
export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { settings, logger } = parts;
  const connection = parts.connection ?? (await connectWorker());
  await requireSameStoreOrClose(parts, connection);
  const processes = await startProcesses(parts);
  const closeConnection = async (): Promise<void> => {
    if (parts.connection === undefined) await connection.close();
  };
  let workers: readonly [Worker, ...Worker[]];
  try {
    workers = await createWorkers(connection, processes, settings);
  } catch (error) {
    await processes.close();
    await closeConnection();
    throw error;
  }
  logger.info(
    { queues: [LIGHT_QUEUE, COMPUTE_QUEUE, TRAINING_QUEUE], processes: settings.computeThreads },
    'Worker started',
  );
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const { namespace } = connectOptions();
  // A worker that failed may still hold the connection, which cannot be closed then: it ends with the process.
  const run = runTogether(workers, stop)
    .catch(async (error: unknown) => {
      throw await causeOfFailure(error, connection, namespace);
    })
    .finally(() => processes.close())
    .then(closeConnection);
  return {
    run,
    shutdown: async () => {
      stop();
      await run;
    },
    health: () => workerHealth(workers, { connection, namespace }),
  };
}

async function requireSameStoreOrClose(
  { settings, connection: given }: WorkerParts,
  connection: NativeConnection,
): Promise<void> {
  const { namespace } = connectOptions();
  try {
    await requireSameStore(connection, namespace, settings.storeFolder);
  } catch (error) {
    if (given === undefined) await connection.close();
    throw isNotFound(error) ? missingNamespace(namespace, error) : error;
  }
}

async function startProcesses({ settings, logger }: WorkerParts): Promise<RunningProcesses> {
  const scratchFolder = path.join(settings.home, 'scratch');
  // Tasks wait for a store that is away, and never begin another one in its place.
  await mkdir(settings.storeFolder, { recursive: true });
  await sweepScratch(scratchFolder);
  const { computeThreads: threads, storeFolder, fitMemoryMb, readMemoryMb } = settings;
  return startComputeProcesses({
    atOnce: threads,
    readMemoryMb,
    logger,
    settings: {
      storeFolder,
      scratchFolder,
      checkpointsFolder: path.join(settings.home, 'checkpoints'),
      codeVersion,
      fitMemory: { megabytes: fitMemoryMb, threads },
    },
  });
}

async function createWorkers(
  connection: NativeConnection,
  processes: RunningProcesses,
  settings: Settings,
): Promise<readonly [Worker, ...Worker[]]> {
  const { namespace, configured, dataConverter } = connectOptions();
  const shared = {
    connection,
    namespace,
    shutdownGraceTime: GRACE,
    shutdownForceTime: FORCE,
    dataConverter,
    ...workerVersioning(settings),
    // An activity hears of its cancellation in the answer to a beat. On a server that others use, each beat has a price.
    maxHeartbeatThrottleInterval: configured ? '5 seconds' : '500 ms',
  } satisfies Partial<WorkerOptions>;
  return Promise.all([
    Worker.create({
      ...shared,
      ...workflowSource(settings, dataConverter),
      taskQueue: LIGHT_QUEUE,
      activities: {
        ...createLightActivities(openLocalStore(settings.storeFolder, { mustExist: true })),
        // Where files queue up, small ones are read within workflow tasks.
        ...createComputeActivities(processes),
      },
      maxConcurrentLocalActivityExecutions: settings.computeThreads * 4,
      maxCachedWorkflows: 300,
    }),
    Worker.create({
      ...shared,
      taskQueue: COMPUTE_QUEUE,
      activities: createComputeActivities(processes),
      // No more than can run: a task that waited here could run on another host.
      maxConcurrentActivityTaskExecutions: settings.computeThreads,
    }),
    Worker.create({
      ...shared,
      taskQueue: TRAINING_QUEUE,
      activities: createTrainingActivities(processes),
      maxConcurrentActivityTaskExecutions: TRAININGS_AT_ONCE,
    }),
  ]);
}
