import { max, quantile } from 'simple-statistics';
import { createRandom } from '../core/random.ts';
import { pipelineStatus, pipelineWorkflowId } from '../workflows/contract.ts';
import { drop } from './support/drop.ts';
import { install } from './support/installation.ts';
import { printFigures, printTable, quick } from './support/report.ts';

/** How long does a query take while every compute thread trains, and how long until a cancelled training has ended? */
const QUERIES = quick ? 50 : 200;
const ROWS = quick ? 20_000 : 60_000;
const FEATURES = 20;
const PIPELINES = ['one', 'two', 'three'];

const installation = await install(
  Object.fromEntries(
    PIPELINES.map((name) => [name, { target: 'y', estimator: { kind: 'forest', trees: 500 } }]),
  ),
);
const { client } = installation;
try {
  await Promise.all(
    PIPELINES.map((name, i) =>
      drop(installation.incoming(name), { name: 'big.csv', text: bigFile(i + 1) }),
    ),
  );
  const handles = PIPELINES.map((name) => client.workflow.getHandle(pipelineWorkflowId(name)));
  await untilTraining();
  const times: number[] = [];
  for (let i = 0; i < QUERIES; i++) {
    const handle = handles[i % handles.length];
    if (handle === undefined) continue;
    const from = performance.now();
    await handle.query(pipelineStatus);
    times.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const training = await trainings();
  if (training.length === 0)
    throw new Error('training ended before the queries did: the figures say nothing');
  const cancelled = await Promise.all(training.map(cancel));
  const figures = {
    queries: times.length,
    p50Ms: round(quantile(times, 0.5)),
    p95Ms: round(quantile(times, 0.95)),
    maxMs: round(max(times)),
    cancelMs: round(max(cancelled)),
  };
  printTable([
    ['queries', 'p50 ms', 'p95 ms', 'max ms', 'trainings cancelled', 'until the last ended, ms'],
    [
      ...[figures.queries, figures.p50Ms, figures.p95Ms, figures.maxMs],
      ...[training.length, figures.cancelMs],
    ],
  ]);
  printFigures(figures);
} finally {
  await installation.remove();
}

/** Ids of the runs of these pipelines whose training is under way. */
async function trainings(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const run of client.workflow.list({
    query: "WorkflowType = 'monitorDataset' AND ExecutionStatus = 'Running'",
  })) {
    const { raw } = await client.workflow.getHandle(run.workflowId).describe();
    const pending = raw.pendingActivities ?? [];
    if (pending.some((activity) => activity.activityType?.name === 'train')) {
      found.push(run.workflowId);
    }
  }
  return found;
}

/** Milliseconds from the request until the run has ended. */
async function cancel(id: string): Promise<number> {
  const handle = client.workflow.getHandle(id);
  const from = performance.now();
  await handle.cancel();
  const ended = await handle.result().then(
    () => 'completed',
    (error: unknown) => String(error instanceof Error ? error.cause : error),
  );
  if (!ended.includes('CancelledFailure')) throw new Error(`${id}: ${ended}, not cancelled`);
  return performance.now() - from;
}

async function untilTraining(): Promise<void> {
  for (let waited = 0; waited < 480; waited++) {
    if ((await trainings()).length >= 2) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error('two trainings did not start within two minutes');
}

function bigFile(seed: number): string {
  const random = createRandom(seed);
  const lines = [[...Array.from({ length: FEATURES }, (_, j) => `x${j}`), 'y'].join(',')];
  for (let i = 0; i < ROWS; i++) {
    const x = Array.from({ length: FEATURES }, () => random());
    const score = (x[0] ?? 0) + (x[1] ?? 0) * (x[2] ?? 0) + random() * 0.5;
    lines.push([...x.map((value) => value.toFixed(4)), score > 0.9 ? 'high' : 'low'].join(','));
  }
  return `${lines.join('\n')}\n`;
}

function round(milliseconds: number): number {
  return Number(milliseconds.toFixed(1));
}
