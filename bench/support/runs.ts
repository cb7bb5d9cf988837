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

/** Waits until a pipeline has recorded so many outcomes and is at rest. Patient with dead processes. */
export async function untilOutcomes(
  client: Client,
  pipeline: string,
  count: number,
  timeoutMs: number,
): Promise<PipelineStatus> {
  const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
  const deadline = performance.now() + timeoutMs;
  let last = 'nothing yet';
  while (performance.now() < deadline) {
    try {
      const status = await client.withDeadline(Date.now() + 2_000, () =>
        handle.query(pipelineStatus),
      );
      if (status.runs >= count && status.running === null && status.queued === 0) return status;
      last = `${status.runs} runs, ${status.queued} queued`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(
    `${pipeline}: ${count} outcomes were expected within ${timeoutMs / 1000} s, found ${last}`,
  );
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
