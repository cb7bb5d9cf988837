import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultPayloadConverter, type Client } from '@temporalio/client';
import { z } from 'zod';
import { pipelineRuns, pipelineWorkflowId, runWorkflowId } from '../../../workflows/contract.ts';
import type { Dropped } from '../chaos/stream.ts';
import { readPages, readReports } from './stored-reports.ts';

export interface HistoriesOptions {
  readonly client: Client;
  readonly store: string;
  readonly pipelines: readonly string[];
  readonly stream: readonly Dropped[];
}

/** An execution as the server lists it. */
interface Execution {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
}

/**
 * Whether the histories on the server tell of the same runs as the store: each pipeline is one chain of executions that is open, each
 * run completed once with the report that is stored, none failed as a workflow, and no workflow task did.
 */
export async function checkHistories(options: HistoriesOptions): Promise<readonly string[]> {
  const executions = await allExecutions(options.client);
  const violations: string[] = [];
  for (const pipeline of options.pipelines) {
    const entity = executions.filter(
      ({ workflowId }) => workflowId === pipelineWorkflowId(pipeline),
    );
    violations.push(
      ...chainOf(pipeline, entity),
      ...(await childrenOf(pipeline, entity, options)),
      ...(await completionsOf(pipeline, executions, options)),
      ...(await listedRuns(pipeline, options)),
    );
  }
  for (const execution of executions) {
    violations.push(...(await failedTasks(execution, options.client)));
  }
  return violations;
}

async function allExecutions(client: Client): Promise<readonly Execution[]> {
  const found: Execution[] = [];
  for await (const { workflowId, runId, status } of client.workflow.list()) {
    found.push({ workflowId, runId, status: status.name });
  }
  return found;
}

function chainOf(pipeline: string, entity: readonly Execution[]): readonly string[] {
  const counted = (status: string): number =>
    entity.filter((execution) => execution.status === status).length;
  const others = entity.length - counted('RUNNING') - counted('CONTINUED_AS_NEW');
  return counted('RUNNING') === 1 && others === 0
    ? []
    : [
        `${pipeline}: its entity should be one open execution after others that continued as new: ${entity.map(({ status }) => status).join(', ')}`,
      ];
}

/** A run is started once by its pipeline, over all executions of the pipeline. */
async function childrenOf(
  pipeline: string,
  entity: readonly Execution[],
  { client }: HistoriesOptions,
): Promise<readonly string[]> {
  const started: string[] = [];
  for (const { workflowId, runId } of entity) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { childWorkflowExecutionStartedEventAttributes: child } of events ?? []) {
      const id = child?.workflowExecution?.workflowId;
      if (typeof id === 'string') started.push(id);
    }
  }
  return started
    .filter((id, i) => started.indexOf(id) !== i)
    .map((id) => `${pipeline}: the run ${id} was started twice`);
}

async function completionsOf(
  pipeline: string,
  executions: readonly Execution[],
  { client, store, stream }: HistoriesOptions,
): Promise<readonly string[]> {
  const violations: string[] = [];
  const { reports } = await readReports(store, pipeline);
  const ids = new Set(reports.map(({ summary }) => summary.workflowId));
  for (const { sha256, expected, ...dropped } of stream) {
    if (dropped.pipeline !== pipeline || sha256 === null || expected !== 'outcome') continue;
    ids.add(runWorkflowId(pipeline, sha256, 0));
  }
  for (const id of ids) {
    const runs = executions.filter(({ workflowId }) => workflowId === id);
    const [run] = runs;
    if (run === undefined || runs.length !== 1 || run.status !== 'COMPLETED') {
      const found = runs.map(({ status }) => status).join(', ');
      violations.push(`the run ${id} should have completed once: ${found === '' ? 'none' : found}`);
      continue;
    }
    violations.push(...(await reportOf(run, client, store)));
  }
  const open = executions.filter(
    ({ workflowId, status }) =>
      workflowId.startsWith(`dataset/${pipeline}/`) && !ids.has(workflowId) && status !== 'RUNNING',
  );
  return [
    ...violations,
    ...open.map(({ workflowId, status }) => `the run ${workflowId} (${status}) has no report`),
  ];
}

const resultSchema = z.looseObject({
  run: z.looseObject({
    report: z.looseObject({ uri: z.string(), sha256: z.string() }).nullable(),
  }),
});

/** The report that a run's history names is the one in the store. */
async function reportOf(
  { workflowId, runId }: Execution,
  client: Client,
  store: string,
): Promise<readonly string[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const payloads = (events ?? []).flatMap(
    (event) => event.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [],
  );
  const [payload] = payloads;
  if (payload === undefined) return [`the run ${workflowId} has no result`];
  const result = resultSchema.safeParse(defaultPayloadConverter.fromPayload(payload));
  const ref = result.data?.run.report;
  if (ref === undefined || ref === null) return [`the run ${workflowId} names no report`];
  const file = path.join(store, ref.uri);
  if (!existsSync(file)) return [`${ref.uri}, which ${workflowId} names, is not there`];
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return sha256 === ref.sha256 ? [] : [`${ref.uri} is not the report that ${workflowId} made`];
}

/**
 * The runs that the pipeline itself still knows and those of the sealed pages are together all that have a report: this is what
 * people see in its list.
 */
async function listedRuns(
  pipeline: string,
  { client, store }: HistoriesOptions,
): Promise<readonly string[]> {
  const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
  const { runs } = await handle.query(pipelineRuns, { offset: 0, limit: MOST_LISTED });
  const pages = await readPages(store, pipeline);
  const listed = new Set([...runs, ...pages.entries].map(({ sequence }) => sequence));
  const { reports } = await readReports(store, pipeline);
  return reports
    .filter(({ summary }) => !listed.has(summary.sequence))
    .map(
      ({ summary }) =>
        `${pipeline}: run ${summary.sequence} (${JSON.stringify(summary.fileName)}) is on no page and not among the newest`,
    );
}

/** More than a pipeline keeps before it seals a page. */
const MOST_LISTED = 1_000;

/**
 * Causes for which the server fails a workflow task in the course of things: `UNHANDLED_COMMAND`, something arrived while it was
 * completed; `RESET_STICKY_TASK_QUEUE`; `FORCE_CLOSE_COMMAND`; `UNHANDLED_UPDATE`.
 */
const USUAL_CAUSES: ReadonlySet<unknown> = new Set([1, 13, 17, 31]);

async function failedTasks(
  { workflowId, runId }: Execution,
  client: Client,
): Promise<readonly string[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed === undefined || failed === null || USUAL_CAUSES.has(failed.cause)
      ? []
      : [
          `a workflow task of ${workflowId} failed: ${failed.failure?.message ?? failed.cause ?? ''}`,
        ],
  );
}
