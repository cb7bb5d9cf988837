import type { DesignEffect } from '../stats/design-effect.ts';
import type { CategoryChanges } from './report.ts';
import type { CategorySummary } from './summary/category-summary.ts';
import { countOf, mergeFewValues, type ValueCounts } from './summary/few-values.ts';
import type { SortedSample } from './summary/sorted-sample.ts';

/** Counts of two samples over the same levels. */
export interface LevelCounts {
  readonly labels: readonly string[];
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

const OTHERS = 'rarer ones';

/**
 * Counts of two categorical columns over the union of their categories, sorted by label. What a summary leaves
 * out is a level of its own, the last one.
 */
export function countCategories(reference: CategorySummary, current: CategorySummary): LevelCounts {
  const labels = [...new Set([...reference.labels, ...current.labels])].sort();
  const position = new Map(labels.map((label, k) => [label, k]));
  const hasOthers = reference.others.values + current.others.values > 0;
  const size = labels.length + (hasOthers ? 1 : 0);
  const countsOf = ({ labels: own, counts: byLabel, others }: CategorySummary): Float64Array => {
    const counts = new Float64Array(size);
    own.forEach((label, k) => (counts[position.get(label) as number] = byLabel[k]));
    if (hasOthers) counts[size - 1] = others.values;
    return counts;
  };
  return {
    labels: hasOthers ? [...labels, OTHERS] : labels,
    reference: countsOf(reference),
    current: countsOf(current),
  };
}

/** Whole counts of so many fewer values: every φ-th one, counted through the levels in their order. */
export function effectiveCounts(
  { reference, current }: Pick<LevelCounts, 'reference' | 'current'>,
  { phi }: DesignEffect,
): Pick<LevelCounts, 'reference' | 'current'> {
  if (phi === 1) return { reference, current };
  const every = (counts: Float64Array): Float64Array => {
    let seen = 0;
    return counts.map((count) => {
      const before = Math.floor(seen / phi);
      seen += count;
      return Math.floor(seen / phi) - before;
    });
  };
  return { reference: every(reference), current: every(current) };
}

/** Counts over the levels, or bins, that occur: an empty one on both sides is no evidence of stability. */
export function occurring(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): { readonly before: readonly number[]; readonly now: readonly number[] } {
  const before: number[] = [];
  const now: number[] = [];
  for (let k = 0; k < reference.length; k++) {
    if (reference[k] + current[k] === 0) continue;
    before.push(reference[k]);
    now.push(current[k]);
  }
  return { before, now };
}

/** Counts of two samples of few different numbers; null when they have more than 10 together. */
export function countValues(
  reference: ValueCounts | null,
  current: ValueCounts | null,
): LevelCounts | null {
  const both = mergeFewValues(reference, current);
  if (both === null || reference === null || current === null) return null;
  return {
    labels: both.values.map(String),
    reference: Float64Array.from(both.values, (x) => countOf(reference, x)),
    current: Float64Array.from(both.values, (x) => countOf(current, x)),
  };
}

/** Counts of two samples inside and outside of [low, high]; within their rank errors where they are not exact. */
export function countWithin(
  reference: SortedSample,
  current: SortedSample,
  low: number,
  high: number,
): LevelCounts {
  const split = ({ values, count }: SortedSample): Float64Array => {
    const inside = values.reduce((sum, x) => (x >= low && x <= high ? sum + 1 : sum), 0);
    const share = inside / values.length;
    return Float64Array.of(Math.round(share * count), count - Math.round(share * count));
  };
  const label = low === high ? String(low) : `${low} to ${high}`;
  return {
    labels: [label, 'other values'],
    reference: split(reference),
    current: split(current),
  };
}

const EXAMPLES = 5;

/** Which levels appeared and vanished. */
export function categoryChanges({ labels, reference, current }: LevelCounts): CategoryChanges {
  const levels = labels.map((_, k) => k);
  const added = levels.filter((k) => reference[k] === 0 && current[k] > 0);
  const lost = levels.filter((k) => reference[k] > 0 && current[k] === 0);
  const mostFrequent = added.toSorted((a, b) => current[b] - current[a] || a - b);
  return {
    added: added.length,
    addedValues: added.reduce((sum, k) => sum + current[k], 0),
    lost: lost.length,
    examples: mostFrequent.slice(0, EXAMPLES).map((k) => labels[k]),
  };
}
