import { METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import type { Axis, Mark, Scale, Spec } from 'vega';
import type { RunSummary } from '../../workflows/contract.ts';
import { formatCount, formatMetric, formatNumber, formatScore } from '../format.ts';
import { CHANGES_CHAMPION, OUTCOMES } from '../outcomes.ts';
import { runPath } from '../paths.ts';
import { metricOf } from '../sequels.ts';
import { INK, type Chart } from './render.ts';

const DRIFT_HEIGHT = 92;
const METRIC_HEIGHT = 112;
const GAP = 44;
const PADDING = { left: 46, right: 12, top: 24, bottom: 34 };
const DRIFT_TICKS = [0, 1, 2, 5, 10, 20, 50, 100, 1000];

/**
 * Drift score and the champion's metric over the files of a pipeline, in their order; the shape of a
 * mark is the outcome, a dashed line a change of champion.
 * @param runs oldest first
 * @param width of the whole picture, in CSS pixels
 */
export function timelineChart(pipeline: string, runs: readonly RunSummary[], width: number): Chart {
  const points = runs.map((run) => pointOf(pipeline, run));
  const inner = width - PADDING.left - PADDING.right;
  const spec: Spec = {
    width: inner,
    height: DRIFT_HEIGHT + GAP + METRIC_HEIGHT,
    padding: PADDING,
    autosize: 'none',
    data: [
      { name: 'runs', values: points },
      { name: 'changes', values: points.filter(({ change }) => change) },
      { name: 'scored', values: points.filter(({ metric }) => metric !== null) },
    ],
    scales: [
      {
        name: 'x',
        type: 'point',
        domain: { data: 'runs', field: 'sequence' },
        range: [0, inner],
        padding: 0.6,
      },
    ],
    marks: [driftPanel(points, inner), metricPanel(runs, inner)],
  };
  return {
    spec,
    title: 'Drift and performance over files',
    description: describe(runs),
    links: new Map(runs.map((run) => [runPath(pipeline, run), linkTitle(run)])),
  };
}

interface Point {
  readonly sequence: number;
  readonly drift: number;
  readonly metric: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly metricInk: string;
  readonly shape: string;
  readonly ink: string;
  readonly size: number;
  readonly change: boolean;
  readonly href: string;
}

function pointOf(pipeline: string, run: RunSummary): Point {
  const { tone, shape } = OUTCOMES[run.outcome];
  const metric = metricOf(run);
  return {
    sequence: run.sequence,
    drift: run.driftScore ?? 0,
    metric: metric?.value ?? null,
    low: metric?.low ?? null,
    high: metric?.high ?? null,
    // Hollow: what was decided on the file was decided without it.
    metricInk: run.sequel?.kind === 'labelled' ? INK.grid : INK.text,
    shape,
    ink: INK[tone],
    size: tone === 'neutral' ? 40 : 90,
    change: CHANGES_CHAMPION.has(run.outcome),
    href: runPath(pipeline, run),
  };
}

function driftPanel(points: readonly Point[], inner: number): Mark {
  const top = Math.max(1.6, ...points.map(({ drift }) => drift * 1.06));
  const y: Scale = { name: 'y', type: 'sqrt', domain: [0, top], range: [DRIFT_HEIGHT, 0] };
  const axis: Axis = {
    orient: 'left',
    scale: 'y',
    grid: true,
    domain: false,
    ticks: false,
    values: DRIFT_TICKS.filter((tick) => tick <= top),
    labelPadding: 6,
  };
  return panel(
    { top: 0, height: DRIFT_HEIGHT, inner },
    [y],
    [axis],
    [
      heading('Drift score: effect ÷ threshold, from 1 on material'),
      {
        type: 'rule',
        encode: {
          enter: {
            x: { value: 0 },
            x2: { value: inner },
            y: { scale: 'y', value: 1 },
            stroke: { value: INK.warn },
            strokeDash: { value: [2, 3] },
          },
        },
      },
      changeRules(DRIFT_HEIGHT),
      {
        type: 'symbol',
        from: { data: 'runs' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'sequence' },
            y: { scale: 'y', field: 'drift' },
            shape: { field: 'shape' },
            size: { field: 'size' },
            fill: { field: 'ink' },
            href: { field: 'href' },
          },
        },
      },
    ],
  );
}

function metricPanel(runs: readonly RunSummary[], inner: number): Mark {
  const scored = runs.map(metricOf).filter((metric) => metric !== null);
  const name = scored.at(-1)?.name;
  const extent =
    scored.length === 0
      ? [0, 1]
      : [Math.min(...scored.map(({ low }) => low)), Math.max(...scored.map(({ high }) => high))];
  const y: Scale = {
    name: 'y',
    type: 'linear',
    domain: extent,
    nice: 4,
    zero: false,
    range: [METRIC_HEIGHT, 0],
  };
  const left: Axis = {
    orient: 'left',
    scale: 'y',
    grid: true,
    domain: false,
    ticks: false,
    tickCount: 4,
    labelPadding: 6,
    labels: scored.length > 0,
  };
  const bottom: Axis = {
    orient: 'bottom',
    scale: 'x',
    labelOverlap: 'parity',
    labelSeparation: 6,
    labelAngle: 0,
    title: 'files in order of arrival',
    titleFont: 'system-ui, sans-serif',
    titleFontSize: 11,
    titleFontWeight: 'normal',
    titleColor: INK.text,
    titlePadding: 3,
  };
  const title =
    name === undefined
      ? 'No file with labels has been scored yet'
      : `${capital(METRIC_WORDS[name])} of the champion, with its interval`;
  return panel(
    { top: DRIFT_HEIGHT + GAP, height: METRIC_HEIGHT, inner },
    [y],
    [left, bottom],
    [heading(title), changeRules(METRIC_HEIGHT), ...estimates()],
  );
}

/** Each value with its interval. */
function estimates(): readonly Mark[] {
  const x = { scale: 'x', field: 'sequence' };
  return [
    {
      type: 'rule',
      from: { data: 'scored' },
      encode: {
        enter: {
          x,
          y: { scale: 'y', field: 'low' },
          y2: { scale: 'y', field: 'high' },
          stroke: { value: INK.reference },
          strokeWidth: { value: 2 },
        },
      },
    },
    {
      type: 'symbol',
      from: { data: 'scored' },
      encode: {
        enter: {
          x,
          y: { scale: 'y', field: 'metric' },
          size: { value: 30 },
          fill: { field: 'metricInk' },
          stroke: { value: INK.text },
          href: { field: 'href' },
        },
      },
    },
  ];
}

function panel(
  { top, height, inner }: { readonly top: number; readonly height: number; readonly inner: number },
  scales: Scale[],
  axes: Axis[],
  marks: Mark[],
): Mark {
  return {
    type: 'group',
    encode: {
      enter: { y: { value: top }, width: { value: inner }, height: { value: height } },
    },
    scales,
    axes,
    marks,
  };
}

function heading(text: string): Mark {
  return {
    type: 'text',
    encode: {
      enter: {
        text: { value: text },
        x: { value: -PADDING.left + 2 },
        y: { value: -11 },
        fontSize: { value: 12 },
        fill: { value: INK.text },
      },
    },
  };
}

function changeRules(height: number): Mark {
  return {
    type: 'rule',
    from: { data: 'changes' },
    encode: {
      enter: {
        x: { scale: 'x', field: 'sequence' },
        y: { value: 0 },
        y2: { value: height },
        stroke: { value: INK.good },
        strokeDash: { value: [4, 3] },
        strokeOpacity: { value: 0.7 },
      },
    },
  };
}

function describe(runs: readonly RunSummary[]): string {
  const last = runs.at(-1);
  if (last === undefined) return 'No file has been processed yet.';
  const material = runs.filter(({ driftScore }) => (driftScore ?? 0) >= 1).length;
  const changes = runs.filter(({ outcome }) => CHANGES_CHAMPION.has(outcome)).length;
  return [
    `${formatCount(runs.length, 'file')}, ${formatNumber(material)} with material drift,`,
    `${formatCount(changes, 'change')} of champion.`,
    `The newest, ${linkTitle(last)}.`,
    'The table of runs has every value.',
  ].join(' ');
}

function linkTitle(run: RunSummary): string {
  const drift = run.driftScore === null ? '' : `, drift ${formatScore(run.driftScore)}`;
  const known = metricOf(run);
  const metric =
    known === null ? '' : `, ${METRIC_WORDS[known.name]} ${formatMetric(known.name, known.value)}`;
  const later = run.sequel?.kind === 'labelled' ? ' by labels that came later' : '';
  return `${run.fileName}: ${OUTCOMES[run.outcome].words}${drift}${metric}${later}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
