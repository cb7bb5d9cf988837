import type { Mark, Scale, Spec } from 'vega';
import { formatNumber, formatShare } from '../format.ts';
import type { StoredHistogram } from '../stored-drift.ts';
import { INK, type Chart } from './render.ts';

const WIDTH = 208;
const HEIGHT = 62;
const PADDING = { left: 8, right: 8, top: 4, bottom: 18 };
/** More categories than this are drawn without their names. */
const MAX_NAMED = 4;
const LABEL_LENGTH = 9;

export const HISTOGRAM_SIZE = {
  width: WIDTH + PADDING.left + PADDING.right,
  height: HEIGHT + PADDING.top + PADDING.bottom,
} as const;

/** A column in the reference (filled) and in the current file (outlined), over common bins. */
export function histogramChart(column: string, histogram: StoredHistogram): Chart {
  return {
    spec: histogram.kind === 'numeric' ? numericSpec(histogram) : categoricalSpec(histogram),
    title: `Reference and current values of ${column}`,
    description: describeHistogram(histogram),
  };
}

/** The largest difference of a bin's shares, in words. */
export function describeHistogram(histogram: StoredHistogram): string {
  const gaps = histogram.reference.map((share, i) => (histogram.current[i] ?? 0) - share);
  const widest = gaps.reduce(
    (best, gap, i) => (Math.abs(gap) > Math.abs(gaps[best] ?? 0) ? i : best),
    0,
  );
  const before = formatShare(histogram.reference[widest] ?? 0);
  const after = formatShare(histogram.current[widest] ?? 0);
  const bin =
    histogram.kind === 'categorical'
      ? (histogram.labels[widest] ?? '')
      : `${formatNumber(histogram.edges[widest] ?? 0)} to ${formatNumber(histogram.edges[widest + 1] ?? 0)}`;
  return `Largest difference at ${bin}: ${before} of the reference, ${after} of the current file.`;
}

const BASE: Spec = { width: WIDTH, height: HEIGHT, padding: PADDING, autosize: 'none' };

const AXIS = {
  orient: 'bottom',
  scale: 'x',
  domainColor: INK.axis,
  tickSize: 3,
  labelFontSize: 10,
} as const;

function numericSpec(histogram: Extract<StoredHistogram, { kind: 'numeric' }>): Spec {
  const bars = histogram.reference.flatMap((reference, i) => {
    const x0 = histogram.edges[i] ?? 0;
    const x1 = histogram.edges[i + 1] ?? 0;
    // Heights are densities, so that bins of unequal width are not over-drawn.
    return x1 > x0
      ? [
          {
            x0,
            x1,
            reference: reference / (x1 - x0),
            current: (histogram.current[i] ?? 0) / (x1 - x0),
          },
        ]
      : [];
  });
  const steps = bars.flatMap(({ x0, x1, current }) => [
    { x: x0, y: current },
    { x: x1, y: current },
  ]);
  const scales: Scale[] = [
    {
      name: 'x',
      type: 'linear',
      domain: [bars[0]?.x0 ?? 0, bars.at(-1)?.x1 ?? 1],
      range: [0, WIDTH],
      zero: false,
    },
    heightScale(bars),
  ];
  return {
    ...BASE,
    data: [
      { name: 'bars', values: bars },
      { name: 'steps', values: steps },
    ],
    scales,
    axes: [{ ...AXIS, tickCount: 3, labelFlush: true }],
    marks: [filled(), outlined()],
  };
}

/** Bars over the bins' own widths. */
function filled(): Mark {
  return {
    type: 'rect',
    from: { data: 'bars' },
    encode: {
      enter: {
        x: { scale: 'x', field: 'x0' },
        x2: { scale: 'x', field: 'x1' },
        y: { scale: 'y', field: 'reference' },
        y2: { scale: 'y', value: 0 },
        fill: { value: INK.reference },
        fillOpacity: { value: 0.75 },
      },
    },
  };
}

/** A line along the tops of the bars. */
function outlined(): Mark {
  return {
    type: 'line',
    from: { data: 'steps' },
    encode: {
      enter: {
        x: { scale: 'x', field: 'x' },
        y: { scale: 'y', field: 'y' },
        stroke: { value: INK.current },
        strokeWidth: { value: 1.75 },
        strokeJoin: { value: 'round' },
      },
    },
  };
}

function categoricalSpec(histogram: Extract<StoredHistogram, { kind: 'categorical' }>): Spec {
  const bars = histogram.labels.map((label, i) => ({
    label: `${String(i)} ${short(label)}`,
    reference: histogram.reference[i] ?? 0,
    current: histogram.current[i] ?? 0,
  }));
  return {
    ...BASE,
    data: [{ name: 'bars', values: bars }],
    scales: [
      {
        name: 'x',
        type: 'band',
        domain: { data: 'bars', field: 'label' },
        range: [0, WIDTH],
        padding: 0.2,
      },
      heightScale(bars),
    ],
    axes: [
      {
        ...AXIS,
        ticks: false,
        labels: bars.length <= MAX_NAMED,
        labelPadding: 4,
        encode: {
          labels: {
            update: { text: { signal: "substring(datum.value, indexof(datum.value, ' ') + 1)" } },
          },
        },
      },
    ],
    marks: [half('reference', 0), half('current', 0.5)],
  };
}

/** One of the two bars of each category, beginning at a share of its band. */
function half(field: 'reference' | 'current', offset: number): Mark {
  return {
    type: 'rect',
    from: { data: 'bars' },
    encode: {
      enter: {
        x: { scale: 'x', field: 'label', band: offset },
        width: { scale: 'x', band: 0.5 },
        y: { scale: 'y', field },
        y2: { scale: 'y', value: 0 },
        fill: { value: INK[field] },
        fillOpacity: { value: field === 'reference' ? 0.75 : 1 },
      },
    },
  };
}

function heightScale(
  bars: readonly { readonly reference: number; readonly current: number }[],
): Scale {
  const top = Math.max(0, ...bars.map(({ reference, current }) => Math.max(reference, current)));
  return { name: 'y', type: 'linear', domain: [0, top === 0 ? 1 : top], range: [HEIGHT, 0] };
}

function short(label: string): string {
  return label.length <= LABEL_LENGTH ? label : `${label.slice(0, LABEL_LENGTH - 1)}…`;
}
