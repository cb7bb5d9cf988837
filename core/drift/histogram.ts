import { countUpTo } from '../stats/search-sorted.ts';
import type { LevelCounts } from './levels.ts';
import type { Histogram } from './report.ts';

const BINS = 20;
const LABELS = 12;
/** Share of each sample that may lie beyond the outer edges on either side, so that outliers do not flatten the rest. */
const TRIM = 0.005;

/**
 * Two sorted samples over 20 bins of equal width, from the lower of their 0.5 % quantiles to the higher of
 * their 99.5 % quantiles (from least to greatest where these coincide).
 */
export function numericHistogram(reference: Float64Array, current: Float64Array): Histogram {
  const samples = [reference, current].filter((sorted) => sorted.length > 0);
  const quantile = (sorted: Float64Array, share: number): number =>
    sorted[Math.round((sorted.length - 1) * share)];
  let low = Math.min(...samples.map((sorted) => quantile(sorted, TRIM)));
  let high = Math.max(...samples.map((sorted) => quantile(sorted, 1 - TRIM)));
  if (low === high) {
    low = Math.min(...samples.map((sorted) => sorted[0]));
    high = Math.max(...samples.map((sorted) => sorted[sorted.length - 1]));
  }
  const edges = Array.from({ length: BINS + 1 }, (_, k) =>
    k === BINS ? high : low * (1 - k / BINS) + high * (k / BINS),
  );
  const inner = edges.slice(1, -1);
  return {
    kind: 'numeric',
    edges,
    reference: shares(countBins(reference, inner)),
    current: shares(countBins(current, inner)),
  };
}

/** Counts over at most 12 levels, the most frequent ones in the given order, and `other` for the rest. */
export function categoricalHistogram({ labels, reference, current }: LevelCounts): Histogram {
  const n = total(reference);
  const m = total(current);
  const weight = (k: number): number => reference[k] / Math.max(n, 1) + current[k] / Math.max(m, 1);
  const byWeight = labels
    .map((_, k) => k)
    .filter((k) => weight(k) > 0)
    .sort((a, b) => weight(b) - weight(a) || a - b);
  const shown = byWeight.length > LABELS ? byWeight.slice(0, LABELS - 1) : byWeight;
  const rest = byWeight.slice(shown.length);
  shown.sort((a, b) => a - b);
  const row = (counts: Float64Array): readonly number[] =>
    shares([
      ...shown.map((k) => counts[k]),
      ...(rest.length > 0 ? [rest.reduce((sum, k) => sum + counts[k], 0)] : []),
    ]);
  return {
    kind: 'categorical',
    labels: [...shown.map((k) => labels[k]), ...(rest.length > 0 ? [`${rest.length} others`] : [])],
    reference: row(reference),
    current: row(current),
  };
}

/** Counts of a sorted sample per bin; a value belongs to the first bin whose edge is not below it. */
export function countBins(sorted: Float64Array, innerEdges: readonly number[]): readonly number[] {
  const counts: number[] = [];
  let before = 0;
  for (const edge of innerEdges) {
    const upTo = countUpTo(sorted, edge, before);
    counts.push(upTo - before);
    before = upTo;
  }
  counts.push(sorted.length - before);
  return counts;
}

function shares(counts: readonly number[]): readonly number[] {
  const sum = total(counts);
  return counts.map((count) => (sum === 0 ? 0 : count / sum));
}

function total(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < counts.length; k++) sum += counts[k];
  return sum;
}
