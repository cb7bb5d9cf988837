import assert from 'node:assert/strict';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { parseRunReport } from '../../web/stored-reports.ts';
import {
  reprocess,
  type MonitorDatasetInput,
  type RunReport,
  type RunSummary,
} from '../../workflows/contract.ts';
import type { WatchedPipeline } from './installation.ts';
import { outcomesOf } from './scenarios.ts';
import type { TestTemporal } from './temporal.ts';

/** Brings files to a pipeline one after the other, and waits for the outcome of each. */
export interface Feeder {
  drop(name: string, content: string): Promise<RunSummary>;
  /** The file of a run once more, with the same bytes. */
  again(run: RunSummary): Promise<RunSummary>;
}

/** Before any file was brought to the pipeline. */
export function feederOf({ drop, pipeline }: WatchedPipeline): Feeder {
  let runs = 0;
  const outcomeOf = async (name: string): Promise<RunSummary> => {
    runs += 1;
    const run = (await outcomesOf(pipeline, runs)).at(-1);
    assert.ok(run !== undefined);
    assert.equal(run.fileName, name);
    return run;
  };
  return {
    drop: async (name, content) => {
      await drop(name, content);
      return outcomeOf(name);
    },
    again: async ({ fileName, sha256 }) => {
      const asked = { by: 'ada', why: 'its time has come', sha256 };
      await pipeline.executeUpdate(reprocess, { args: [asked] });
      return outcomeOf(fileName);
    },
  };
}

/** The report that a run published, as the pages read it. */
export async function reportOf(run: RunSummary, store: ArtefactStore): Promise<RunReport> {
  assert.ok(run.report !== null, run.reason);
  return parseRunReport(await store.get(run.report.uri, run.report.sha256));
}

/** What the pipeline gave a run on its way. */
export async function inputOf(
  run: RunSummary,
  { client }: Pick<TestTemporal, 'client'>,
): Promise<MonitorDatasetInput> {
  const history = await client.workflow.getHandle(run.workflowId).fetchHistory();
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  const payload = started?.input?.payloads?.[0];
  assert.ok(payload !== undefined);
  return defaultPayloadConverter.fromPayload<MonitorDatasetInput>(payload);
}
