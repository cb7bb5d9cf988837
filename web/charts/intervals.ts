import type { Axis, Mark, Spec } from 'vega';
import type { MetricEstimate } from '../../core/models/metrics/evaluation.ts';
import { formatEstimate } from '../format.ts';
import { INK, type Chart } from './render.ts';

export interface IntervalRow {
  readonly label: string;
  readonly estimate: MetricEstimate;
  /** the one that the plot is about */
  readonly emphasised: boolean;
}

const ROW_HEIGHT = 30;
const PADDING = { left: 92, right: 16, top: 6, bottom: 34 };

export interface IntervalPlot {
  readonly rows: readonly IntervalRow[];
  /** of the axis */
  readonly title: string;
  /** a value that the intervals are held against, drawn as a line */
  readonly against?: number;
}

/** Estimates of one metric with their intervals, one under the other on a common scale. */
export function intervalChart({ rows, title, against }: IntervalPlot, width: number): Chart {
  const inner = width - PADDING.left - PADDING.right;
  const low = Math.min(against ?? Infinity, ...rows.map(({ estimate }) => estimate.low));
  const high = Math.max(against ?? -Infinity, ...rows.map(({ estimate }) => estimate.high));
  const values = rows.map(({ label, estimate, emphasised }) => ({
    label,
    value: estimate.value,
    low: estimate.low,
    high: estimate.high,
    ink: emphasised ? INK.current : INK.text,
  }));
  const spec: Spec = {
    width: inner,
    height: rows.length * ROW_HEIGHT,
    padding: PADDING,
    autosize: 'none',
    data: [{ name: 'rows', values }],
    scales: [
      { name: 'x', type: 'linear', domain: [low, high], nice: 4, zero: false, range: [0, inner] },
      {
        name: 'y',
        type: 'band',
        domain: { data: 'rows', field: 'label' },
        range: [0, rows.length * ROW_HEIGHT],
      },
    ],
    axes: axes(title),
    marks: [...(against === undefined ? [] : [line(against, rows.length)]), ...marks()],
  };
  const described = rows.map(({ label, estimate }) => `${label} ${formatEstimate(estimate)}`);
  return {
    spec,
    title: `${title}, with intervals`,
    description: `${described.join('; ')}.`,
  };
}

function axes(title: string): Axis[] {
  return [
    {
      orient: 'bottom',
      scale: 'x',
      grid: true,
      tickCount: 4,
      title,
      titleFont: 'system-ui, sans-serif',
      titleFontSize: 11,
      titleFontWeight: 'normal',
      titleColor: INK.text,
      titlePadding: 3,
    },
    {
      orient: 'left',
      scale: 'y',
      ticks: false,
      domain: false,
      labelFontSize: 12,
      labelPadding: 8,
    },
  ];
}

function line(value: number, rows: number): Mark {
  return {
    type: 'rule',
    encode: {
      enter: {
        x: { scale: 'x', value },
        y: { value: 0 },
        y2: { value: rows * ROW_HEIGHT },
        stroke: { value: INK.text },
        strokeDash: { value: [2, 3] },
      },
    },
  };
}

function marks(): Mark[] {
  const middle = { scale: 'y', field: 'label', band: 0.5 };
  return [
    {
      type: 'rule',
      from: { data: 'rows' },
      encode: {
        enter: {
          x: { scale: 'x', field: 'low' },
          x2: { scale: 'x', field: 'high' },
          y: middle,
          stroke: { field: 'ink' },
          strokeWidth: { value: 2.5 },
          strokeCap: { value: 'round' },
        },
      },
    },
    {
      type: 'symbol',
      from: { data: 'rows' },
      encode: {
        enter: {
          x: { scale: 'x', field: 'value' },
          y: middle,
          size: { value: 90 },
          fill: { field: 'ink' },
        },
      },
    },
  ];
}
