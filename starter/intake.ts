import {
  isGrpcDeadlineError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import {
  configure,
  MAX_QUEUED,
  NOTHING_TAKEN,
  offerDatasets,
  pipelineStatus,
  pipelineWorkflowId,
  UNCHANGED,
  type DatasetFile,
  type OfferAnswer,
  type PipelineStatus,
  type StoredConfig,
} from '../workflows/contract.ts';
import { startOptions, tellOfFiles, type MonitorPipeline } from './start-monitor.ts';

/** What whoever brings files asks of the pipelines. */
export interface Intake {
  /**
   * Makes `config` the one in force, if another one is. A pipeline that has no workflow gets it with its first file.
   * @param updateId of this change: asked again with the same one, the pipeline answers what it answered
   * @throws ConfigurationRefusedError if the pipeline does not take it; NobodyAnswersError
   */
  configure(config: StoredConfig, updateId: string): Promise<void>;
  /** How many more files the pipeline takes in now. */
  room(pipeline: string): Promise<number>;
  /**
   * Offers one batch of files (see `batchesOf`), and starts the pipeline if it does not run. What it took in, and what it had, is
   * its business; the rest has to be offered again.
   * @throws NobodyAnswersError
   */
  offer(config: StoredConfig, files: readonly DatasetFile[]): Promise<OfferAnswer>;
  /** Leaves files with the server for a pipeline that cannot answer now: offer them again when it can. */
  tell(config: StoredConfig, files: readonly DatasetFile[]): Promise<void>;
}

/** The running pipeline does not take the configuration that is in its folder; says why. */
export class ConfigurationRefusedError extends Error {
  override name = 'ConfigurationRefusedError';
}

/** The server is there, and no worker answers for the pipeline. */
export class NobodyAnswersError extends Error {
  override name = 'NobodyAnswersError';
}

const ANSWER_WITHIN_MS = 5_000;

/** The pipelines as they are on a Temporal server. Apart from `tell`, it needs a worker that answers. */
export function intakeOf(client: Client): Intake {
  return {
    configure: (config, updateId) => configurePipeline(client, config, updateId),
    room: async (pipeline) => {
      const status = await runningStatus(client, pipeline);
      if (status === null) return MAX_QUEUED;
      return status.room ?? MAX_QUEUED - status.queued;
    },
    offer: (config, files) => offerFiles(client, config, files),
    tell: (config, files) => tellOfFiles(client, config, files),
  };
}

/** null while the pipeline has no workflow, or none that is open. */
export async function runningStatus(
  client: Client,
  pipeline: string,
): Promise<PipelineStatus | null> {
  const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
  return client.withDeadline(Date.now() + ANSWER_WITHIN_MS, async () => {
    try {
      // A closed workflow would still answer queries, with the state in which it ended.
      if ((await handle.describe()).status.name !== 'RUNNING') return null;
      return await handle.query(pipelineStatus);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  });
}

async function configurePipeline(
  client: Client,
  config: StoredConfig,
  updateId: string,
): Promise<void> {
  const handle = client.workflow.getHandle(pipelineWorkflowId(config.name));
  const why = 'the files in the pipeline folder have changed';
  try {
    await answered(client, config.name, () =>
      handle.executeUpdate(configure, { args: [{ config, by: 'the watcher', why }], updateId }),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return;
    const failure = refusalOf(error);
    if (failure === null) throw error;
    if (failure.type === UNCHANGED) return;
    throw new ConfigurationRefusedError(
      `Pipeline '${config.name}' goes on with the configuration it has: ${failure.message}`,
      { cause: error },
    );
  }
}

async function offerFiles(
  client: Client,
  config: StoredConfig,
  files: readonly DatasetFile[],
): Promise<OfferAnswer> {
  const startWorkflowOperation = new WithStartWorkflowOperation<MonitorPipeline>(
    'monitorPipeline',
    startOptions(config),
  );
  try {
    return await answered(client, config.name, () =>
      client.workflow.executeUpdateWithStart(offerDatasets, {
        args: [files],
        startWorkflowOperation,
      }),
    );
  } catch (error) {
    const failure = refusalOf(error);
    if (failure?.type !== NOTHING_TAKEN) throw error;
    return offerAnswer.parse(failure.details?.[0]);
  }
}

const offerAnswer: z.ZodType<OfferAnswer> = z.object({
  taken: z.int(),
  known: z.int(),
  room: z.int(),
});

/** @throws NobodyAnswersError if there is no answer in time */
async function answered<T>(client: Client, pipeline: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, ask);
  } catch (error) {
    const isLate =
      error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error);
    if (!isLate) throw error;
    throw new NobodyAnswersError(
      `Nobody answered for pipeline '${pipeline}' within ${ANSWER_WITHIN_MS / 1000} s: no worker runs, or it is busy`,
      { cause: error },
    );
  }
}

/** Why a pipeline did not do what it was asked to; null if that is not what went wrong. */
function refusalOf(error: unknown): ApplicationFailure | null {
  if (!(error instanceof WorkflowUpdateFailedError)) return null;
  return error.cause instanceof ApplicationFailure ? error.cause : null;
}
