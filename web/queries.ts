/** The only place from which pages read: Temporal, the store, and a small memory of what they said last. */
import type { ArtefactRef, ArtefactStore } from '../store/artefact-store.ts';
import {
  pipelineRuns,
  pipelineStatus,
  pipelineWorkflowId,
  runProgress,
  runWorkflowId,
  type PipelineStatus,
  type RunProgress,
  type RunReport,
  type RunsPage,
  type RunSummary,
} from '../workflows/contract.ts';
import type { Ask } from './ask.ts';
import { Memory, type Known } from './known.ts';
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
      /** what became known of it since, the latest first */
      readonly later: readonly ToldLater[];
    }
  /** it ended without a report of its own, e.g. because it was terminated */
  | { readonly kind: 'ended'; readonly summary: RunSummary }
  | {
      readonly kind: 'running';
      readonly progress: RunProgress;
      readonly activities: readonly ActivityProgress[];
    }
  /** `ahead` files come first */
  | { readonly kind: 'queued'; readonly fileName: string; readonly ahead: number };

export interface Queries {
  pipelines(): Promise<Known<readonly PipelineListing[]>>;
  /** The rest answer null when there is no such thing. */
  pipeline(name: string): Promise<Known<PipelineListing> | null>;
  runs(name: string, page: number): Promise<Known<RunsView> | null>;
  run(id: RunId): Promise<Known<RunView> | null>;
  models(name: string): Promise<Known<ModelsView> | null>;
  drift(ref: ArtefactRef): Promise<StoredDrift | null>;
  report(id: RunId): Promise<RunReport | null>;
  /** an artefact byte for byte */
  stored(uri: string): Promise<Uint8Array | null>;
}

export const RUNS_PER_PAGE = 25;
const TIMELINE_RUNS = 60;

/** Queries under way at once when pipelines are listed. */
const CONCURRENT_QUERIES = 8;

export function createQueries(deps: {
  readonly temporal: TemporalReader;
  readonly store: ArtefactStore;
  readonly now?: () => Date;
}): Queries {
  const { temporal, store, now = () => new Date() } = deps;
  const memory = new Memory(now);
  const published = createPublished(store);
  const ask = { temporal, memory, published };
  return {
    pipelines: () => listPipelines(ask),
    pipeline: async (name) => {
      const known = await memory.latest(`status/${name}`, () =>
        temporal.query(pipelineWorkflowId(name), pipelineStatus),
      );
      return known === null ? null : { ...known, value: { name, status: known.value } };
    },
    runs: (name, page) => runsOf(ask, name, page),
    run: (id) => runOf(ask, id),
    models: (name) => modelsOf(ask, name),
    drift: (ref) => published.drift(ref),
    report: (id) => published.report(id),
    stored: (uri) => published.stored(uri),
  };
}

async function listPipelines({
  temporal,
  memory,
}: Ask): Promise<Known<readonly PipelineListing[]>> {
  const names = await memory.latest('pipelines', () => temporal.runningPipelines());
  // One iterator for all: each takes the next name.
  const waiting = (names?.value ?? []).values();
  const listings: PipelineListing[] = [];
  let stale = names?.stale ?? null;
  const work = async (): Promise<void> => {
    for (const name of waiting) {
      const key = `status/${name}`;
      // Once nobody has answered, asking for each of the others would only add up the waiting.
      const known =
        stale === null
          ? await memory.latest(key, () => temporal.query(pipelineWorkflowId(name), pipelineStatus))
          : memory.recall<PipelineStatus>(key, stale.why);
      if (known === null) continue;
      stale ??= known.stale;
      listings.push({ name, status: known.value });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_QUERIES }, work));
  return { value: listings.sort((a, b) => (a.name < b.name ? -1 : 1)), stale };
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
    return { value: shown, stale: newest.stale };
  }
  const { runs, total, sealedPages } = newest.value;
  const recentPages = Math.max(1, Math.ceil(total / RUNS_PER_PAGE));
  const pages = recentPages + sealedPages;
  const shown = Math.min(page, pages - 1);
  const offset = shown * RUNS_PER_PAGE;
  const view = { page: shown, pages, timeline: runs.toReversed() };
  if (shown >= recentPages) {
    const sealed = await published.historyPage(name, sealedPages - 1 - (shown - recentPages));
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

/** The report, once there is one, needs no worker and never changes; before that the run itself tells. */
async function runOf(ask: Ask, id: RunId): Promise<Known<RunView> | null> {
  const report = await ask.published.report(id);
  if (report === null) return unpublishedRun(ask, id);
  const [drift, later] = await Promise.all([
    report.drift === null ? null : ask.published.drift(report.drift.report),
    ask.published.sequels(id),
  ]);
  return { value: { kind: 'finished', report, drift, later }, stale: null };
}

async function unpublishedRun(ask: Ask, id: RunId): Promise<Known<RunView> | null> {
  const { temporal, memory } = ask;
  const workflowId = runWorkflowId(id.pipeline, id.sha256, id.revision);
  const [ended, progress] = await Promise.all([
    endedRun(ask, id),
    memory.latest(`run/${workflowId}`, () => temporal.query(workflowId, runProgress)),
  ]);
  if (ended !== null) return { value: { kind: 'ended', summary: ended }, stale: null };
  if (progress === null) return queuedRun(ask, id);
  if (progress.value === null) {
    throw new UnansweredError('worker', progress.stale?.why ?? 'Nobody answers.');
  }
  const activities = await memory.latest(`activities/${workflowId}`, () =>
    temporal.activities(workflowId),
  );
  return {
    value: { kind: 'running', progress: progress.value, activities: activities?.value ?? [] },
    stale: progress.stale ?? activities?.stale ?? null,
  };
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
