/** The only place from which pages read: Temporal, the store, and a small memory of what they said last. */
import { breakerAt } from '../core/breaker.ts';
import {
  ArtefactDamagedError,
  type ArtefactRef,
  type ArtefactStore,
} from '../store/artefact-store.ts';
import {
  pipelineRuns,
  pipelineStatus,
  pipelineWorkflowId,
  runProgress,
  runReport,
  runWorkflowId,
  type PipelineStatus,
  type RunProgress,
  type RunReport,
  type RunsPage,
  type RunSummary,
} from '../workflows/contract.ts';
import type { Ask } from './ask.ts';
import { Memory, type Known } from './known.ts';
import { listPipelines, type PipelinesView } from './listed-pipelines.ts';
import { createPublished, type RunId } from './published.ts';
import { modelsOf, type ModelsView } from './query-models.ts';
import type { ToldLater } from './sequels.ts';
import type { StoredDrift } from './stored-drift.ts';
import { UnansweredError, type ActivityProgress, type TemporalReader } from './temporal.ts';

export interface PipelineListing {
  readonly name: string;
  /** null when no worker has told it */
  readonly status: PipelineStatus | null;
}

/** Runs of a pipeline, newest first. Page 0 holds the newest. */
export interface RunsView {
  readonly page: number;
  readonly pages: number;
  readonly runs: readonly RunSummary[];
  /** the newest runs for the charts, oldest first */
  readonly timeline: readonly RunSummary[];
}

export type RunView =
  | {
      readonly kind: 'finished';
      readonly report: RunReport;
      readonly drift: StoredDrift | null;
      /** `workflow`: the store does not have the report, and its workflow still tells it */
      readonly from: 'store' | 'workflow';
      /** what became known of it since, the latest first */
      readonly later: readonly ToldLater[];
    }
  /** it ended without a report of its own, e.g. because it was terminated */
  | { readonly kind: 'ended'; readonly summary: RunSummary }
  /** it ended, and neither its report nor its pipeline tells how; `why` is what is wrong, for people */
  | { readonly kind: 'lost'; readonly summary: RunSummary | null; readonly why: string }
  | {
      readonly kind: 'running';
      readonly progress: RunProgress;
      readonly activities: readonly ActivityProgress[];
    }
  /** `ahead` files come first */
  | { readonly kind: 'queued'; readonly fileName: string; readonly ahead: number };

export interface Queries {
  pipelines(): Promise<Known<PipelinesView>>;
  /** The rest answer null when there is no such thing. */
  pipeline(name: string): Promise<Known<PipelineListing> | null>;
  runs(name: string, page: number): Promise<Known<RunsView> | null>;
  run(id: RunId): Promise<Known<RunView> | null>;
  models(name: string): Promise<Known<ModelsView> | null>;
  /** ids of workflows whose code fails in the worker; null when the server did not tell */
  failingWorkflows(): Promise<Known<readonly string[] | null> | null>;
  drift(ref: ArtefactRef): Promise<StoredDrift | null>;
  report(id: RunId): Promise<RunReport | null>;
  /** an artefact byte for byte */
  stored(uri: string): Promise<Uint8Array | null>;
}

export const RUNS_PER_PAGE = 25;
const TIMELINE_RUNS = 60;

export function createQueries(deps: {
  readonly temporal: TemporalReader;
  readonly store: ArtefactStore;
  readonly now?: () => Date;
}): Queries {
  const { temporal, store, now = () => new Date() } = deps;
  const memory = new Memory(now);
  const published = createPublished(store);
  const ask = { temporal, memory, published, now };
  return {
    pipelines: () => listPipelines(ask),
    pipeline: async (name) => {
      const known = await memory.latest(`status/${name}`, () =>
        temporal.query(pipelineWorkflowId(name), pipelineStatus),
      );
      if (known === null) return null;
      const status = known.value === null ? null : statusAt(known.value, now().getTime());
      return { ...begunAnew(known), value: { name, status } };
    },
    runs: (name, page) => runsOf(ask, name, page),
    run: (id) => runOf(ask, id),
    models: (name) => modelsOf(ask, name),
    failingWorkflows: () => memory.latest('failing', () => temporal.failingWorkflows()),
    drift: (ref) => published.drift(ref),
    report: (id) => published.report(id),
    stored: (uri) => published.stored(uri),
  };
}

/** A workflow tells how things were at its last task; what ends by itself at some moment is compared with now. */
function statusAt(status: PipelineStatus, nowMs: number): PipelineStatus {
  const { coolDown = null, breaker } = status;
  const until = coolDown?.until ?? null;
  const isOver = until !== null && Date.parse(until) <= nowMs;
  return { ...status, breaker: breakerAt(breaker, nowMs), coolDown: isOver ? null : coolDown };
}

/** A pipeline whose workflow has ended comes back by itself. */
function begunAnew<T>(known: Known<T>): Known<T> {
  if (known.stale?.ended !== true) return known;
  const why = `${known.stale.why} The pipeline begins anew with the next file that arrives.`;
  return { ...known, stale: { ...known.stale, why } };
}

async function runsOf(ask: Ask, name: string, page: number): Promise<Known<RunsView> | null> {
  const { temporal, memory, published } = ask;
  const askFor = (offset: number, limit: number): Promise<RunsPage> =>
    temporal.query(pipelineWorkflowId(name), pipelineRuns, { offset, limit });
  const newest = await memory.latest(`runs/${name}`, () => askFor(0, TIMELINE_RUNS));
  if (newest === null) return null;
  if (newest.value === null) {
    const runs = await published.newestRuns(name, TIMELINE_RUNS);
    const shown = { page: 0, pages: 1, runs, timeline: runs.toReversed() };
    return begunAnew({ value: shown, stale: newest.stale });
  }
  const { runs, total, sealedPages } = newest.value;
  const recentPages = Math.max(1, Math.ceil(total / RUNS_PER_PAGE));
  const pages = recentPages + sealedPages;
  const shown = Math.min(page, pages - 1);
  const offset = shown * RUNS_PER_PAGE;
  const view = { page: shown, pages, timeline: runs.toReversed() };
  if (shown >= recentPages) {
    const sealed = await sound(() =>
      published.historyPage(name, sealedPages - 1 - (shown - recentPages)),
    );
    if (typeof sealed === 'string') {
      return { value: { ...view, runs: [] }, stale: { why: sealed, asOf: null } };
    }
    return { value: { ...view, runs: sealed.toReversed() }, stale: newest.stale };
  }
  if (offset + RUNS_PER_PAGE <= runs.length || runs.length === total) {
    const slice = runs.slice(offset, offset + RUNS_PER_PAGE);
    return { value: { ...view, runs: slice }, stale: newest.stale };
  }
  const older = await memory.latest(`runs/${name}/${shown}`, () => askFor(offset, RUNS_PER_PAGE));
  if (older === null) return null;
  return { value: { ...view, runs: older.value?.runs ?? [] }, stale: older.stale };
}

/** What the store gives, or in words why that cannot be used. */
async function sound<T>(read: () => Promise<T>): Promise<T | string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ArtefactDamagedError) return error.message;
    throw error;
  }
}

/** The report, once there is one, needs no worker and never changes; before that the run itself tells. */
async function runOf(ask: Ask, id: RunId): Promise<Known<RunView> | null> {
  const report = await sound(() => ask.published.report(id));
  if (report === null) return unpublishedRun(ask, id);
  if (typeof report === 'string') {
    const why = `Its report is damaged in the store: ${report}. Bring the file back from a copy of the store, or process the dataset file again.`;
    return { value: { kind: 'lost', summary: await endedRun(ask, id), why }, stale: null };
  }
  return { value: await finished(ask, id, report, 'store'), stale: null };
}

async function finished(
  { published }: Ask,
  id: RunId,
  report: RunReport,
  from: 'store' | 'workflow',
): Promise<RunView> {
  const [drift, later] = await Promise.all([
    sound(() =>
      report.drift === null ? Promise.resolve(null) : published.drift(report.drift.report),
    ),
    sound(() => published.sequels(id)),
  ]);
  return {
    kind: 'finished',
    report,
    drift: typeof drift === 'string' ? null : drift,
    from,
    later: typeof later === 'string' ? [] : later,
  };
}

async function unpublishedRun(ask: Ask, id: RunId): Promise<Known<RunView> | null> {
  const { temporal, memory } = ask;
  const workflowId = runWorkflowId(id.pipeline, id.sha256, id.revision);
  const [summary, progress] = await Promise.all([
    endedRun(ask, id),
    memory.latest(`run/${workflowId}`, () => temporal.query(workflowId, runProgress)),
  ]);
  if (progress?.stale?.ended === true) {
    return { value: await endedWithoutReport(ask, id, summary, progress.stale.why), stale: null };
  }
  if (summary !== null) return { value: { kind: 'ended', summary }, stale: null };
  if (progress === null) return queuedRun(ask, id);
  if (progress.value === null) {
    throw new UnansweredError(
      progress.stale?.who ?? 'worker',
      progress.stale?.why ?? 'Nobody answers.',
    );
  }
  const activities = await memory.latest(`activities/${workflowId}`, () =>
    temporal.activities(workflowId),
  );
  return {
    value: { kind: 'running', progress: progress.value, activities: activities?.value ?? [] },
    stale: progress.stale ?? activities?.stale ?? null,
  };
}

/** As long as Temporal keeps it, the workflow itself tells what the store should have. */
async function endedWithoutReport(
  ask: Ask,
  id: RunId,
  summary: RunSummary | null,
  why: string,
): Promise<RunView> {
  const workflowId = runWorkflowId(id.pipeline, id.sha256, id.revision);
  const told = await ask.memory.latest(`report/${workflowId}`, () =>
    ask.temporal.queryEnded(workflowId, runReport),
  );
  const report = told?.value ?? null;
  if (report !== null) return finished(ask, id, report, 'workflow');
  if (summary !== null) return { kind: 'ended', summary };
  return { kind: 'lost', summary, why: `${why} The store has no report of it.` };
}

async function endedRun({ temporal, memory }: Ask, id: RunId): Promise<RunSummary | null> {
  const newest = await memory.latest(`runs/${id.pipeline}`, () =>
    temporal.query(pipelineWorkflowId(id.pipeline), pipelineRuns, {
      offset: 0,
      limit: TIMELINE_RUNS,
    }),
  );
  const runs = newest?.value?.runs ?? [];
  return runs.find((run) => run.sha256 === id.sha256 && run.revision === id.revision) ?? null;
}

async function queuedRun({ temporal, memory }: Ask, id: RunId): Promise<Known<RunView> | null> {
  const known = await memory.latest(`status/${id.pipeline}`, () =>
    temporal.query(pipelineWorkflowId(id.pipeline), pipelineStatus),
  );
  const ahead = known?.value?.next.findIndex(({ sha256 }) => sha256 === id.sha256) ?? -1;
  const file = known?.value?.next[ahead];
  if (known === null || file === undefined) return null;
  return { value: { kind: 'queued', fileName: file.fileName, ahead }, stale: known.stale };
}
