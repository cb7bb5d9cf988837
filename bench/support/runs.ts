import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Installation } from './installation.ts';
import { parseHistoryPage } from '../../web/stored-reports.ts';
import {
  historyPageUri,
  pipelineRuns,
  pipelineStatus,
  pipelineWorkflowId,
  type PipelineStatus,
  type RunSummary,
} from '../../workflows/contract.ts';

const POLL_MS = 250;

/** How a pipeline stands, or why nobody answers: benchmarks kill those who should. */
async function statusNow(client: Client, pipeline: string): Promise<PipelineStatus | string> {
  const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
  try {
    return await client.withDeadline(Date.now() + 2_000, () => handle.query(pipelineStatus));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Waits until a pipeline's status satisfies `enough`; patient with dead processes. */
export async function untilStatus(
  client: Client,
  pipeline: string,
  enough: (status: PipelineStatus) => boolean,
  timeoutMs: number,
): Promise<PipelineStatus> {
  const deadline = performance.now() + timeoutMs;
  let last = 'nothing yet';
  while (performance.now() < deadline) {
    const status = await statusNow(client, pipeline);
    if (typeof status !== 'string' && enough(status)) return status;
    last = typeof status === 'string' ? status : `${status.runs} runs, ${status.queued} queued`;
    await setTimeout(POLL_MS);
  }
  throw new Error(`${pipeline}: not as expected within ${timeoutMs / 1000} s, found ${last}`);
}

/** Waits until a pipeline has recorded so many outcomes and is at rest. */
export function untilOutcomes(
  client: Client,
  pipeline: string,
  count: number,
  timeoutMs: number,
): Promise<PipelineStatus> {
  const enough = ({ runs, running, queued }: PipelineStatus): boolean =>
    runs >= count && running === null && queued === 0;
  return untilStatus(client, pipeline, enough, timeoutMs);
}

/** Every run of a pipeline, oldest first: the pages in the store, then those that the workflow still holds. */
export async function allRuns(
  { client, store }: Pick<Installation, 'client' | 'store'>,
  pipeline: string,
): Promise<readonly RunSummary[]> {
  const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
  const { runs, sealedPages } = await handle.query(pipelineRuns, { offset: 0, limit: 100 });
  const pages = Array.from({ length: sealedPages }, async (_, page) =>
    parseHistoryPage(await store.get(historyPageUri(pipeline, page))),
  );
  return [...(await Promise.all(pages)).flat(), ...runs.toReversed()];
}

/** What must be the same when the same files run again, as text to compare. */
export function essenceOf(runs: readonly RunSummary[]): string {
  const essence = runs.map(({ fileName, outcome, driftScore, metric, championId }) => ({
    fileName,
    outcome,
    driftScore,
    metric,
    championId,
  }));
  return JSON.stringify(essence, null, 1);
}
