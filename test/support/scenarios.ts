import { setTimeout } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { z } from 'zod';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { configUri } from '../../store/layout.ts';
import {
  byReference,
  datasetsArrived,
  dropShadow,
  LIGHT_QUEUE,
  offerDatasets,
  pipelineRuns,
  pipelineStatus,
  pipelineWorkflowId,
  reprocess,
  retire,
  rollback,
  runWorkflowId,
  type DatasetFile,
  type PipelineStatus,
  type RunSummary,
  type StoredConfig,
} from '../../workflows/contract.ts';
import type { monitorPipeline } from '../../workflows/index.ts';
import { stubFile } from './stub-activities.ts';

/** What of a pipeline.yaml is not the default. */
export type PipelineOptions = Pick<Partial<z.input<typeof pipelineSchema>>, 'gate' | 'retrain'>;

/** A way that files can take through a pipeline, and what must come of it. */
export interface Scenario {
  readonly name: string;
  readonly files: readonly string[];
  readonly outcomes: readonly RunSummary['outcome'][];
  /** which run's history is kept, from 0; absent: the last one */
  readonly recorded?: number;
  /** what of its configuration is not the default */
  readonly more?: PipelineOptions;
  /** done while the files are run */
  readonly meanwhile?: (client: Client, name: string) => Promise<void>;
  /** said to the pipeline after the files had their outcomes */
  readonly then?: (pipeline: WorkflowHandle<typeof monitorPipeline>) => Promise<void>;
}

/** Every path through the workflows has one here; its history is recorded and replayed. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'first-train', files: ['calm-1'], outcomes: ['trained'] },
  { name: 'keep', files: ['calm-1', 'calm-2'], outcomes: ['trained', 'kept'] },
  {
    name: 'keep-in-backlog',
    files: ['calm-1', 'calm-2', 'calm-3'],
    outcomes: ['trained', 'kept', 'kept'],
    recorded: 1,
  },
  {
    name: 'visible-in-backlog',
    files: ['calm-1', 'slow-2', 'calm-3'],
    outcomes: ['trained', 'kept', 'kept'],
    recorded: 1,
  },
  { name: 'retrain-promote', files: ['calm-1', 'storm-2'], outcomes: ['trained', 'promoted'] },
  { name: 'retrain-refuse', files: ['calm-1', 'refused-2'], outcomes: ['trained', 'refused'] },
  {
    name: 'invalid-file',
    files: ['invalid-1', 'calm-2', 'calm-3'],
    outcomes: ['invalid', 'trained', 'kept'],
  },
  { name: 'predict', files: ['calm-1', 'unlabelled-2'], outcomes: ['trained', 'predicted'] },
  { name: 'listed', files: ['calm-1', 'unlabelled-2'], outcomes: ['trained', 'predicted'] },
  {
    name: 'late-labels',
    files: ['calm-1', 'unlabelled-2', 'labels-3'],
    outcomes: ['trained', 'predicted', 'kept'],
  },
  {
    name: 'early-labels',
    files: ['calm-1', 'early-2', 'joined-3'],
    outcomes: ['trained', 'waiting', 'kept'],
  },
  { name: 'taken-up', files: ['calm-1', 'storm-2'], outcomes: ['kept', 'promoted'] },
  { name: 'training-fails', files: ['calm-1', 'broken-2'], outcomes: ['trained', 'failed'] },
  {
    name: 'breaker-open',
    files: ['calm-1', 'refused-2', 'refused-3', 'broken-4', 'storm-5'],
    outcomes: ['trained', 'refused', 'refused', 'failed', 'withheld'],
  },
  {
    name: 'rollback',
    files: ['calm-1', 'storm-2', 'undo-3'],
    outcomes: ['trained', 'promoted', 'rolled back'],
  },
  {
    name: 'cool-down',
    files: ['calm-1', 'storm-2', 'storm-3', 'storm-4'],
    outcomes: ['trained', 'promoted', 'withheld', 'promoted'],
    more: { retrain: { coolDown: 1 } },
  },
  {
    name: 'shadow-promote',
    files: ['calm-1', 'storm-2', 'unlabelled-3', 'storm-4', 'calm-5'],
    outcomes: ['trained', 'shadowed', 'predicted', 'withheld', 'promoted'],
    more: { gate: { shadow: 2 } },
  },
  {
    name: 'shadow-drop',
    files: ['calm-1', 'storm-2', 'storm-3'],
    outcomes: ['trained', 'shadowed', 'withheld'],
    more: { gate: { shadow: 2 } },
    then: async (pipeline) => {
      const modelId = (await pipeline.query(pipelineStatus)).shadow?.model.id ?? '';
      await pipeline.executeUpdate(dropShadow, { args: [{ by: 'ada', why: 'enough', modelId }] });
    },
  },
  {
    name: 'shadow-refuse',
    files: ['calm-1', 'storm-2', 'lost-3'],
    outcomes: ['trained', 'shadowed', 'kept'],
    more: { gate: { shadow: 1 } },
  },
  {
    name: 'rollback-by-hand',
    files: ['calm-1', 'storm-2'],
    outcomes: ['trained', 'promoted'],
    then: async (pipeline) => {
      await pipeline.executeUpdate(rollback, { args: [{ by: 'ada', why: 'it felt wrong' }] });
    },
  },
  { name: 'taken-up-whole', files: ['calm-1', 'storm-2'], outcomes: ['kept', 'promoted'] },
  { name: 'gone', files: ['calm-1', 'gone-2'], outcomes: ['trained', 'gone'] },
  {
    name: 'fallback-mode',
    files: ['calm-1', 'refused-2'],
    outcomes: ['trained', 'refused'],
    more: { retrain: { mode: 'window', fallback: 'full' } },
  },
  {
    name: 'damaged-champion',
    files: ['calm-1', 'storm-2', 'damaged-3'],
    outcomes: ['trained', 'promoted', 'kept'],
  },
  {
    name: 'run-cancelled',
    files: ['calm-1', 'stuck-2'],
    outcomes: ['trained', 'cancelled'],
    meanwhile: async (client, name) => {
      const run = client.workflow.getHandle(runWorkflowId(name, stubFile('stuck-2').sha256, 0));
      while (!(await isOpen(run))) await setTimeout(POLL_MS);
      await run.cancel();
    },
  },
  {
    name: 'rerun',
    files: ['calm-1'],
    outcomes: ['trained'],
    then: async (pipeline) => {
      const { sha256 } = stubFile('calm-1');
      await pipeline.executeUpdate(reprocess, { args: [{ by: 'ada', why: 'a test', sha256 }] });
      await outcomesOf(pipeline, 2);
    },
  },
  {
    name: 'offered',
    files: ['calm-1'],
    outcomes: ['trained'],
    then: async (pipeline) => {
      await pipeline.executeUpdate(offerDatasets, { args: [['calm-1', 'calm-2'].map(stubFile)] });
      await outcomesOf(pipeline, 2);
    },
  },
  {
    name: 'retired',
    files: ['calm-1'],
    outcomes: ['trained'],
    then: async (pipeline) => {
      const why = 'its folder is gone';
      await pipeline.executeUpdate(retire, { args: [{ by: 'ada', why, queue: 'finish' }] });
      await pipeline.result();
    },
  },
];

async function isOpen(run: WorkflowHandle): Promise<boolean> {
  try {
    return (await run.describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** As pipelines are given it; nothing reads the whole, which is in no store. */
export function scenarioConfig(name: string, more: PipelineOptions = {}): StoredConfig {
  const sha256 = '0'.repeat(64);
  return byReference(wholeConfig(name, more), {
    uri: configUri(name, sha256),
    sha256,
    bytes: 1000,
  });
}

export function wholeConfig(name: string, more: PipelineOptions = {}): PipelineConfig {
  const config = pipelineSchema.parse({ name, files: { folder: 'data' }, target: 'y', ...more });
  return { ...config, hooks: null };
}

/** Starts a pipeline of the given name and hands it files, in order. */
export async function startPipeline(
  client: Client,
  name: string,
  files: readonly string[],
  {
    more,
    ...input
  }: { readonly continueAfterRuns?: number; readonly more?: PipelineOptions | undefined } = {},
): Promise<WorkflowHandle<typeof monitorPipeline>> {
  return client.workflow.signalWithStart<typeof monitorPipeline, [readonly DatasetFile[]]>(
    'monitorPipeline',
    {
      workflowId: pipelineWorkflowId(name),
      taskQueue: LIGHT_QUEUE,
      args: [{ config: scenarioConfig(name, more), ...input }],
      signal: datasetsArrived,
      signalArgs: [files.map(stubFile)],
    },
  );
}

const POLL_MS = 50;

/** Waits until so many runs have their outcome; oldest first. A pipeline that is not there yet is waited for. */
export async function outcomesOf(
  pipeline: WorkflowHandle<typeof monitorPipeline>,
  count: number,
): Promise<readonly RunSummary[]> {
  for (;;) {
    const status = await statusOf(pipeline);
    if (status !== null && status.runs >= count && status.running === null) {
      const page = await pipeline.query(pipelineRuns, { offset: 0, limit: 100 });
      return page.runs.toReversed();
    }
    await setTimeout(POLL_MS);
  }
}

async function statusOf(
  pipeline: WorkflowHandle<typeof monitorPipeline>,
): Promise<PipelineStatus | null> {
  try {
    return await pipeline.query(pipelineStatus);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
