import type { Client } from '@temporalio/client';
import {
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

/** The newest runs of a pipeline, at most 100, oldest first. */
export async function recentRuns(client: Client, pipeline: string): Promise<readonly RunSummary[]> {
  const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
  const page = await handle.query(pipelineRuns, { offset: 0, limit: 100 });
  return page.runs.toReversed();
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

/** Every run of a pipeline, oldest first: the pages in the store, then those that the workflow still holds. */
export async function allRuns(
  { client, folder }: Installation,
  pipeline: string,
): Promise<readonly RunSummary[]> {
  const recent = await recentRuns(client, pipeline);
  const sealed = (await recentPage(client, pipeline)).sealedPages;
  const store = openLocalStore(path.join(folder, 'home', 'store'));
  const pages = await Promise.all(
    Array.from({ length: sealed }, (_, page) => readPage(store, historyPageUri(pipeline, page))),
  );
  return [...pages.flat(), ...recent];
}
