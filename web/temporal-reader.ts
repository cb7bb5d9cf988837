import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { activityProgress } from './activity-progress.ts';
import { LastKnown } from './last-known.ts';
import { sharing } from './sharing.ts';
import type { TemporalReader } from './temporal.ts';
import { endedError, failingCode, understood, understoodOfServer } from './unanswered.ts';
import { failingWorkflows, visiblePipelines } from './visible-pipelines.ts';
import { idleQueues } from './worker-presence.ts';

/** Longer than a healthy answer takes, short enough for a page that is waited for. */
const READ_DEADLINE_MS = 2000;
/** The list costs the same for one viewer as for many. */
const LIST_MS = 1000;
/** Probes of many kinds look often. */
const PROBED_MS = 5000;
const REMEMBERED_ANSWERS = 200;

/** An answer, and the history that it was computed from. */
interface Answer {
  readonly runId: string;
  readonly historyLength: number;
  readonly value: unknown;
}

/**
 * Answers of workflows are computed from their histories: one whose history has not grown since is not asked again. So
 * an idle pipeline costs its worker nothing however many look at it.
 */
export function createTemporalReader(client: Client): TemporalReader {
  const answers = new LastKnown<Answer>(REMEMBERED_ANSWERS);
  const converter = loadDataConverter(client.options.dataConverter);
  const within = <T>(ask: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + READ_DEADLINE_MS, ask);
  // Parts of one page that ask of the same workflow share its description, and nobody later: it may have changed.
  const describe = sharing(0, (workflowId) => client.workflow.getHandle(workflowId).describe());
  const open = async (workflowId: string): Promise<WorkflowExecutionDescription> => {
    const found = await describe(workflowId);
    const ended = endedError(found);
    if (ended !== null) throw ended;
    const failing = await failingCode(client, found);
    if (failing !== null) throw failing;
    return found;
  };
  const ofWorkflow = async <T>(workflowId: string, ask: () => Promise<T>): Promise<T> => {
    try {
      return await within(ask);
    } catch (error) {
      throw await understood(client, workflowId, error);
    }
  };
  const ofServer = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await within(ask);
    } catch (error) {
      throw understoodOfServer(error);
    }
  };
  const list = sharing(LIST_MS, () =>
    ofServer(async () => {
      const [pipelines, idle] = await Promise.all([visiblePipelines(client), idleQueues(client)]);
      return { pipelines, idleQueues: idle };
    }),
  );
  const failing = sharing(PROBED_MS, () => ofServer(() => failingWorkflows(client)));
  return {
    pipelines: () => list(''),
    query: (workflowId, definition, ...args) =>
      ofWorkflow(workflowId, async () => {
        const { runId, historyLength, raw } = await open(workflowId);
        const key = JSON.stringify([workflowId, definition.name, args]);
        const known = answers.get(key);
        if (known?.runId === runId && known.historyLength === historyLength) {
          // Whoever asked before asked the same: the key names the definition.
          return known.value as never;
        }
        const value = await client.workflow.getHandle(workflowId).query(definition, ...args);
        // A task that is under way may have changed more than this history tells.
        const isSettled = (raw.pendingWorkflowTask ?? null) === null;
        if (isSettled) answers.set(key, { runId, historyLength, value });
        return value;
      }),
    queryEnded: (workflowId, definition) =>
      ofWorkflow(workflowId, () => client.workflow.getHandle(workflowId).query(definition)),
    activities: (workflowId) =>
      ofWorkflow(workflowId, async () => {
        const { raw } = await describe(workflowId);
        return Promise.all(
          (raw.pendingActivities ?? []).map((pending) => activityProgress(pending, converter)),
        );
      }),
    failingWorkflows: () => failing(''),
  };
}
