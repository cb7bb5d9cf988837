import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import {
  datasetsArrived,
  LIGHT_QUEUE,
  pipelineWorkflowId,
  SEARCH_ATTRIBUTES,
  type DatasetFile,
  type MonitorPipelineInput,
  type StoredConfig,
} from '../workflows/contract.ts';
import { batchesOf } from './batches.ts';

const PIPELINE_ATTRIBUTE = defineSearchAttributeKey(
  'CalmopsPipeline',
  SEARCH_ATTRIBUTES.CalmopsPipeline,
);

export type MonitorPipeline = (input: MonitorPipelineInput) => Promise<void>;

/**
 * Tells a pipeline of files, in this order, and starts the pipeline if it does not run yet. Once it
 * resolves the server keeps the files, with or without a worker; telling twice does no harm. There is no answer: files
 * for which the pipeline has no room are left out.
 */
export async function tellOfFiles(
  client: Client,
  config: StoredConfig,
  files: readonly DatasetFile[],
): Promise<void> {
  for (const batch of batchesOf(files)) await startPipeline(client, config, batch);
}

/** Starts a pipeline that does not run yet, and tells it of files. @param files one batch: see `batchesOf` */
export async function startPipeline(
  client: Client,
  config: StoredConfig,
  files: readonly DatasetFile[],
): Promise<void> {
  await client.workflow.signalWithStart<MonitorPipeline, [readonly DatasetFile[]]>(
    'monitorPipeline',
    { ...startOptions(config), signal: datasetsArrived, signalArgs: [files] },
  );
}

/** How the workflow of a pipeline is started, if it does not run yet. */
export function startOptions(config: StoredConfig): WorkflowStartOptions<MonitorPipeline> & {
  readonly workflowIdConflictPolicy: 'USE_EXISTING';
} {
  return {
    workflowId: pipelineWorkflowId(config.name),
    taskQueue: LIGHT_QUEUE,
    args: [{ config }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: [{ key: PIPELINE_ATTRIBUTE, value: config.name }],
    staticSummary: `Pipeline ${config.name}: ${config.files.folder}/${config.files.glob}`,
    staticDetails: detailsOf(config),
  };
}

/** Markdown for the page of the pipeline in the Temporal UI, as it was when the pipeline began. */
function detailsOf(config: StoredConfig): string {
  const { description, files, target, estimator, retrain, stored } = config;
  return [
    ...(description === '' ? [] : [description, '']),
    `- Watches \`${files.folder}/${files.glob}\`, predicts \`${target}\``,
    `- Estimator ${estimator.kind}, retrained in mode ${retrain.mode}`,
    `- Its configuration is \`${stored.uri}\` in the store`,
  ].join('\n');
}
