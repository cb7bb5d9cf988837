import { isDeepStrictEqual } from 'node:util';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import type { PipelineConfig } from '../pipelines/schema.ts';
import {
  configure,
  MAX_QUEUED,
  pipelineStatus,
  pipelineWorkflowId,
  type DatasetFile,
  type PipelineStatus,
} from '../workflows/contract.ts';
import { startMonitorDataset } from './start-monitor.ts';

/** What whoever brings files asks of the pipelines. */
export interface Intake {
  /**
   * Makes `config` the one in force, if another one is.
   * @param updateId of this change: asked again with the same one, the pipeline answers what it answered
   * @throws ConfigurationRefusedError if the pipeline does not take it
   */
  configure(config: PipelineConfig, updateId: string): Promise<void>;
  /** How many more files the pipeline takes in now, and whether it has nothing to do. */
  state(pipeline: string): Promise<{ readonly room: number; readonly idle: boolean }>;
  /** Hands files over, durably: once it resolves they are the pipeline's business. */
  start(config: PipelineConfig, files: readonly DatasetFile[]): Promise<void>;
}

/** The running pipeline does not take the configuration that is in its folder; says why. */
export class ConfigurationRefusedError extends Error {
  override name = 'ConfigurationRefusedError';
}

const ANSWER_WITHIN_MS = 5_000;
const UPDATE_WITHIN_MS = 10_000;

/** The pipelines as they are on a Temporal server. Apart from `start`, it needs a worker that answers. */
export function intakeOf(client: Client): Intake {
  return {
    configure: (config, updateId) => configurePipeline(client, config, updateId),
    state: async (pipeline) => {
      const status = await runningStatus(client, pipeline);
      if (status === null) return { room: MAX_QUEUED, idle: true };
      const { room = MAX_QUEUED - status.queued } = status;
      return { room, idle: status.state === 'idle' };
    },
    start: (config, files) => startMonitorDataset(client, config, files),
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
  config: PipelineConfig,
  updateId: string,
): Promise<void> {
  const status = await runningStatus(client, config.name);
  if (status === null || isDeepStrictEqual(status.config, withoutUndefined(config))) return;
  const handle = client.workflow.getHandle(pipelineWorkflowId(config.name));
  try {
    const why = 'the files in the pipeline folder have changed';
    await client.withDeadline(Date.now() + UPDATE_WITHIN_MS, () =>
      handle.executeUpdate(configure, { args: [{ config, by: 'the watcher', why }], updateId }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    throw new ConfigurationRefusedError(
      `Pipeline '${config.name}' goes on with the configuration it has: ${error.cause?.message ?? error.message}`,
      { cause: error },
    );
  }
}

/** The configuration as it comes back from the server, where absent fields are left out. */
function withoutUndefined(config: PipelineConfig): unknown {
  return JSON.parse(JSON.stringify(config));
}
