/** What each address shows: read, draw, put into words. */
import { z } from 'zod';
import { METRIC_WORDS } from '../core/models/metrics/evaluation.ts';
import type { Comparison, Performance } from '../core/models/metrics/evaluation.ts';
import {
  pipelineWorkflowId,
  runWorkflowId,
  type RunReport,
  type RunSummary,
} from '../workflows/contract.ts';
import { nameIn, runIdIn, type Asked } from './asked.ts';
import { intervalChart, type IntervalPlot } from './charts/intervals.ts';
import { renderInline } from './charts/render.ts';
import { timelineChart } from './charts/timeline.ts';
import { commandName, type CommandName } from './commands.ts';
import type { Html } from './html.ts';
import { notFound } from './page-error.ts';
import { temporalPath, pipelinePath } from './paths.ts';
import type { Known } from './known.ts';
import type { PipelineListing, Queries } from './queries.ts';
import type { FailedForm } from './views/command-form.ts';
import { COLUMN_SORTS } from './views/drift-table.ts';
import type { Page } from './views/layout.ts';
import { modelsPage, modelsPart } from './views/models.ts';
import { pipelinePage, pipelineRunsPart, pipelineStatusPart } from './views/pipeline.ts';
import { pipelinesPage, pipelinesPart, type PipelinesModel } from './views/pipelines.ts';
import { runPage, runPart } from './views/run.ts';
import type { ChartPair, RunModel } from './views/run-model.ts';

export interface Pages {
  readonly pipelines: (asked: Asked) => Promise<Page>;
  readonly pipeline: (asked: Asked) => Promise<Page>;
  readonly run: (asked: Asked) => Promise<Page>;
  readonly models: (asked: Asked) => Promise<Page>;
}

/** The polled parts of pages. */
export interface Parts {
  readonly pipelines: (asked: Asked) => Promise<Html>;
  readonly status: (asked: Asked) => Promise<Html>;
  readonly runs: (asked: Asked) => Promise<Html>;
  readonly run: (asked: Asked) => Promise<Html>;
  readonly models: (asked: Asked) => Promise<Html>;
}

export interface TemporalUi {
  /** without a slash at its end */
  readonly base: string;
  readonly namespace: string;
}

const WIDE = 1010;
const NARROW = 340;
const INTERVALS_WIDE = 560;

/** Runs that fit into the narrow timeline. */
const NARROW_RUNS = 24;

const pageQuery = z.object({ page: z.coerce.number().int().min(0).max(1e6).catch(0) });
const sortQuery = z.object({ sort: z.enum(COLUMN_SORTS).catch('strongest') });
const doneQuery = z.object({ done: commandName.nullable().catch(null) });

export function createPages(queries: Queries, temporalUi: TemporalUi): Pages {
  const link = (workflowId: string): string =>
    temporalPath(temporalUi.base, temporalUi.namespace, workflowId);
  return {
    pipelines: async (asked) => pipelinesPage(await listOf(queries, asked)),
    pipeline: async (asked) => {
      const [pipeline, runs] = await Promise.all([
        pipelineOf(queries, asked),
        runsOf(queries, asked),
      ]);
      return pipelinePage({
        pipeline,
        ...runs,
        temporal: link(pipelineWorkflowId(pipeline.value.name)),
        ...formState(asked),
      });
    },
    run: async (asked) => runPage(await runModel(queries, asked, link), formState(asked)),
    models: async (asked) => {
      const { done, failed } = formState(asked);
      return modelsPage({ ...(await modelsOf(queries, asked)), failed }, done);
    },
  };
}

export function createParts(queries: Queries, temporalUi: TemporalUi): Parts {
  const link = (workflowId: string): string =>
    temporalPath(temporalUi.base, temporalUi.namespace, workflowId);
  return {
    pipelines: async (asked) => pipelinesPart(await listOf(queries, asked)),
    status: async (asked) => pipelineStatusPart(await pipelineOf(queries, asked)),
    runs: async (asked) => pipelineRunsPart(await runsOf(queries, asked)),
    run: async (asked) => runPart(await runModel(queries, asked, link)),
    models: async (asked) => modelsPart({ ...(await modelsOf(queries, asked)), failed: null }),
  };
}

function formState({ query, failed }: Asked): {
  readonly done: CommandName | null;
  readonly failed: FailedForm | null;
} {
  return {
    done: failed === undefined ? doneQuery.parse(query).done : null,
    failed: failed ?? null,
  };
}

const noPipeline = (name: string): Error =>
  notFound(
    `No pipeline called '${name}' runs. Pipelines begin when CalmOps finds pipelines/${name}/pipeline.yaml.`,
  );

async function listOf(queries: Queries, { query }: Asked): Promise<PipelinesModel> {
  return { listing: await queries.pipelines(), page: pageQuery.parse(query).page };
}

async function pipelineOf(queries: Queries, asked: Asked): Promise<Known<PipelineListing>> {
  const name = nameIn(asked);
  const known = await queries.pipeline(name);
  if (known === null) throw noPipeline(name);
  return known;
}

async function runsOf(
  queries: Queries,
  asked: Asked,
): Promise<Parameters<typeof pipelineRunsPart>[0]> {
  const name = nameIn(asked);
  const runs = await queries.runs(name, pageQuery.parse(asked.query).page);
  if (runs === null) throw noPipeline(name);
  const { timeline } = runs.value;
  return { name, runs, charts: await timelines(name, timeline) };
}

async function timelines(name: string, timeline: readonly RunSummary[]): Promise<ChartPair> {
  const [wide, narrow] = await Promise.all([
    renderInline(timelineChart(name, timeline, WIDE), 'timeline'),
    renderInline(timelineChart(name, timeline.slice(-NARROW_RUNS), NARROW), 'timeline-narrow'),
  ]);
  return { wide, narrow };
}

async function modelsOf(
  queries: Queries,
  asked: Asked,
): Promise<Omit<Parameters<typeof modelsPart>[0], 'failed'>> {
  const pipeline = nameIn(asked);
  const models = await queries.models(pipeline);
  if (models === null) throw noPipeline(pipeline);
  return { pipeline, models };
}

async function runModel(
  queries: Queries,
  asked: Asked,
  link: (workflowId: string) => string,
): Promise<RunModel> {
  const id = runIdIn(asked);
  const run = await queries.run(id);
  if (run === null) {
    throw notFound(
      `Pipeline '${id.pipeline}' knows no run of the file with sha256 ${id.sha256}${id.revision === 0 ? '' : `, repetition ${String(id.revision)}`}.`,
      { name: `Runs of ${id.pipeline}`, path: pipelinePath(id.pipeline) },
    );
  }
  const report = run.value.kind === 'finished' ? run.value.report : null;
  return {
    id,
    run,
    sort: sortQuery.parse(asked.query).sort,
    charts: await runCharts(report),
    temporal: link(runWorkflowId(id.pipeline, id.sha256, id.revision)),
  };
}

async function runCharts(report: RunReport | null): Promise<RunModel['charts']> {
  const performance = report?.evaluation?.champion ?? null;
  const comparison = report?.comparison ?? null;
  return {
    performance:
      performance === null ? null : await drawn('performance', performancePlot(performance)),
    comparison: comparison === null ? null : await drawn('comparison', comparisonPlot(comparison)),
    gain: comparison === null ? null : await drawn('gain', gainPlot(comparison)),
  };
}

const performancePlot = ({ baseline, current }: Performance): IntervalPlot => ({
  title: METRIC_WORDS[current.primary.name],
  rows: [
    { label: 'before', estimate: baseline.primary, emphasised: false },
    { label: 'on this file', estimate: current.primary, emphasised: true },
  ],
});

const comparisonPlot = ({ metric, champion, challenger }: Comparison): IntervalPlot => ({
  title: METRIC_WORDS[metric],
  rows: [
    { label: 'champion', estimate: champion, emphasised: false },
    { label: 'challenger', estimate: challenger, emphasised: true },
  ],
});

const gainPlot = ({ metric, gain, margin }: Comparison): IntervalPlot => ({
  title: `gain in ${METRIC_WORDS[metric]}`,
  rows: [{ label: 'gain', estimate: { name: metric, ...gain }, emphasised: true }],
  against: margin === 0 ? 0 : -margin,
});

async function drawn(id: string, plot: IntervalPlot): Promise<ChartPair> {
  const [wide, narrow] = await Promise.all([
    renderInline(intervalChart(plot, INTERVALS_WIDE), id),
    renderInline(intervalChart(plot, NARROW), `${id}-narrow`),
  ]);
  return { wide, narrow };
}
