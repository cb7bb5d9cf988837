import { METRICS_OF_TASK } from '../core/models/metrics/evaluation.ts';
import type { MetricEstimate, MetricName } from '../core/models/metrics/evaluation.ts';
import { html, type Html } from './html.ts';

/** Metrics without a unit, mostly within 0 and 1: always three decimals, so that they line up. */
const UNITLESS: ReadonlySet<MetricName> = new Set([
  ...METRICS_OF_TASK.classification,
  'r2',
  'mape',
]);

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A number to three significant digits, whole numbers and thousands in full; tiny ones as 1.2e-7. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return 'not a number';
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return minus(grouped.format(value));
  if (Math.abs(value) < 1e-4) return minus(value.toExponential(1));
  return minus(String(Number(value.toPrecision(3))));
}

export function formatCount(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`;
}

/** A drift score, two decimals, so that they line up; what is below 1, and so not material, never reads as 1. */
export function formatScore(score: number): string {
  if (score < 1) return Math.min(score, 0.99).toFixed(2);
  return score < 100 ? score.toFixed(2) : formatNumber(score);
}

/** A p-value as `0.032`; below a thousandth only that it is: more digits would promise too much. */
export function formatPValue(p: number): string {
  if (p < 0.001) return '< 0.001';
  if (p > 0.999) return '> 0.999';
  return p.toFixed(3);
}

/** A share of 1 as a percentage with one decimal. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  return `${(share * 100).toFixed(1)} %`;
}

/** The value of a metric, without its name; zeros at its end are kept, as they say how exact it is. */
export function formatMetric(name: MetricName, value: number): string {
  if (UNITLESS.has(name)) return minus(value.toFixed(3));
  return Math.abs(value) < 1000 && Math.abs(value) >= 1e-4
    ? minus(value.toPrecision(3))
    : formatNumber(value);
}

/** `0.853 (0.821 to 0.880)`: the value with its interval. */
export function formatEstimate({ name, value, low, high }: MetricEstimate): string {
  return `${formatMetric(name, value)} (${formatMetric(name, low)} to ${formatMetric(name, high)})`;
}

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** `420 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`: at most two units. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const largest = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[largest] ?? ['s', 1000];
  const [nextUnit, nextSize] = UNITS[largest + 1] ?? ['ms', 1];
  const whole = Math.floor(ms / size);
  const rest = nextSize === 1 ? 0 : Math.floor((ms - whole * size) / nextSize);
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${nextUnit}`;
}

/** Milliseconds from one ISO 8601 time to another. */
export function elapsedMs(from: string, to: string): number {
  return Date.parse(to) - Date.parse(from);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return formatCount(bytes, 'byte');
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toPrecision(3)} ${['', 'kB', 'MB', 'GB', 'TB'][power] ?? ''}`;
}

/** A moment in UTC, the same for every reader; what is not a time is shown as it is. */
export function formatTime(iso: string): Html {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return html`${iso}`;
  const full = new Date(ms).toISOString();
  return html`<time datetime="${full}">${full.slice(0, 10)} ${full.slice(11, 19)} UTC</time>`;
}

/** The first characters of a hash or id, with the whole as its title. */
export function formatId(id: string): Html {
  return html`<code title="${id}">${id.slice(0, 10)}</code>`;
}

/** A typographical minus instead of a hyphen. */
function minus(text: string): string {
  return text.replace(/^-/, '−').replace('e-', 'e−');
}
