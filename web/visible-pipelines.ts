/** The list of pipelines, from what the server's lists of workflows show: as many questions for 500 as for one. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { z } from 'zod';
import { breakerState, metricEstimate, runOutcome } from '../store/run-schemas.ts';
import { PIPELINE_MEMO, type PipelineMemo } from '../workflows/contract.ts';
import type { VisiblePipeline } from './temporal.ts';

const PAGE_SIZE = 1000;
const PIPELINES = `WorkflowType = 'monitorPipeline' AND ExecutionStatus = 'Running'`;
const OPEN_RUNS = `WorkflowType = 'monitorDataset' AND ExecutionStatus = 'Running'`;
const PIPELINE_ID = /^pipeline\/(.+)$/;
const RUN_ID = /^dataset\/([^/]+)\//;

/** What the server notes of a workflow whose tasks fail again and again. */
const PROBLEMS = 'TemporalReportedProblems';

/** By name. */
export async function visiblePipelines(client: Client): Promise<readonly VisiblePipeline[]> {
  const [pipelines, openRuns] = await Promise.all([
    allOf(client, PIPELINES, PIPELINE_ID),
    allOf(client, OPEN_RUNS, RUN_ID),
  ]);
  const listed = [...pipelines].map(([name, info]): VisiblePipeline => {
    const run = openRuns.get(name);
    return {
      name,
      memo: memoOf(info),
      working: run === undefined ? null : { fileName: fileOf(run), workflowId: run.workflowId },
      failing: hasProblems(info) || (run !== undefined && hasProblems(run)),
    };
  });
  return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Open workflows whose tasks fail in the worker; none where the server keeps no note of them. */
export async function failingWorkflows(client: Client): Promise<readonly string[]> {
  const { namespaceInfo } = await client.workflowService.describeNamespace({
    namespace: client.options.namespace,
  });
  if (namespaceInfo?.capabilities?.reportedProblemsSearchAttribute !== true) return [];
  const query = `ExecutionStatus = 'Running' AND WorkflowType IN ('monitorPipeline', 'monitorDataset') AND ${PROBLEMS} IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')`;
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
}

/** Workflows by the pipeline that their id names. */
async function allOf(
  client: Client,
  query: string,
  id: RegExp,
): Promise<ReadonlyMap<string, WorkflowExecutionInfo>> {
  const found = new Map<string, WorkflowExecutionInfo>();
  for await (const info of client.workflow.list({ query, pageSize: PAGE_SIZE })) {
    const name = id.exec(info.workflowId)?.[1];
    if (name !== undefined) found.set(name, info);
  }
  return found;
}

const request = z.object({ by: z.string(), why: z.string(), at: z.string() });
const pipelineMemo = z.object({
  version: z.literal(1),
  at: z.string(),
  description: z.string(),
  paused: request.nullable(),
  queued: z.number(),
  runs: z.number(),
  champion: z
    .object({ id: z.string(), trainedOn: z.string(), since: z.string(), score: metricEstimate })
    .nullable(),
  shadow: z.object({ id: z.string(), filesSeen: z.number(), files: z.number() }).nullable(),
  breaker: breakerState,
  last: z
    .object({
      fileName: z.string(),
      sha256: z.string(),
      revision: z.number(),
      outcome: runOutcome,
      reason: z.string(),
      finishedAt: z.string(),
    })
    .nullable(),
}) satisfies z.ZodType<PipelineMemo>;

/** Anybody may write a memo: one that is not ours is as none. */
function memoOf({ memo }: WorkflowExecutionInfo): PipelineMemo | null {
  return pipelineMemo.safeParse(memo?.[PIPELINE_MEMO]).data ?? null;
}

function fileOf({ typedSearchAttributes, workflowId }: WorkflowExecutionInfo): string {
  const file = typedSearchAttributes.getAll().find(({ key }) => key.name === 'CalmopsFile')?.value;
  // A run of a release that did not tell its file is named by the file's hash.
  return typeof file === 'string' ? file : (workflowId.split('/')[2] ?? workflowId).slice(0, 12);
}

function hasProblems({ typedSearchAttributes }: WorkflowExecutionInfo): boolean {
  const problems = typedSearchAttributes.getAll().find(({ key }) => key.name === PROBLEMS)?.value;
  return Array.isArray(problems) && problems.some((each) => each.startsWith('category='));
}
