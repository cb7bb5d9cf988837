import { createHash } from 'node:crypto';
import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { PipelineConfig } from '../pipelines/schema.ts';
import {
  datasetsArrived,
  LIGHT_QUEUE,
  MAX_BATCH,
  pipelineWorkflowId,
  SEARCH_ATTRIBUTES,
  type DatasetFile,
  type MonitorPipelineInput,
} from '../workflows/contract.ts';

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
  config: PipelineConfig,
  files: readonly DatasetFile[],
): Promise<void> {
  for (let start = 0; start < files.length; start += MAX_BATCH) {
    await startPipeline(client, config, files.slice(start, start + MAX_BATCH));
  }
}

/** Starts a pipeline that does not run yet, and tells it of files. @param files at most `MAX_BATCH` */
export async function startPipeline(
  client: Client,
  config: PipelineConfig,
  files: readonly DatasetFile[],
): Promise<void> {
  await client.workflow.signalWithStart<MonitorPipeline, [readonly DatasetFile[]]>(
    'monitorPipeline',
    { ...startOptions(config), signal: datasetsArrived, signalArgs: [files] },
  );
}

/** How the workflow of a pipeline is started, if it does not run yet. */
export function startOptions(config: PipelineConfig): WorkflowStartOptions<MonitorPipeline> & {
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
function detailsOf(config: PipelineConfig): string {
  const { description, files, target, estimator, retrain } = config;
  const digest = createHash('sha256').update(JSON.stringify(config)).digest('hex');
  return [
    ...(description === '' ? [] : [description, '']),
    `- Watches \`${files.folder}/${files.glob}\`, predicts \`${target}\``,
    `- Estimator ${estimator.kind}, retrained in mode ${retrain.mode}`,
    `- Digest of its configuration: \`${digest}\``,
  ].join('\n');
}
