import type { Connection } from '@temporalio/client';
import type { HealthFindings } from '../shell/health.ts';
import type { FollowingWatcher } from './follow-pipelines.ts';

const ANSWER_WITHIN_MS = 5_000;
/** Six times as long as it waits between two looks. */
const LOOKED_WITHIN_MS = 3 * 60_000;

/** How a watcher finds itself: whether it still looks at the pipelines, and whether the server answers it. */
export async function watcherHealth(
  watcher: FollowingWatcher,
  connection: Connection,
): Promise<HealthFindings> {
  const lastLook = watcher.lastLook();
  const late = lastLook === null || lastLook.agoMs > LOOKED_WITHIN_MS;
  const problem = await connection
    .withDeadline(Date.now() + ANSWER_WITHIN_MS, () => connection.workflowService.getSystemInfo({}))
    .then(
      () => null,
      (error: unknown) =>
        `The Temporal server cannot be asked: ${error instanceof Error ? error.message : String(error)}`,
    );
  return {
    problems: [
      ...(late ? ['The folder of pipelines was not read to its end for three minutes.'] : []),
      ...(problem === null ? [] : [problem]),
    ],
    facts: { lastLook: lastLook?.at.toISOString() ?? null },
  };
}
