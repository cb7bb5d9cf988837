import type { CategoricalColumn } from '../table.ts';
import type { CategoryChanges } from './report.ts';

/** Counts of two samples over the same levels. */
export interface LevelCounts {
  readonly labels: readonly string[];
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/** Counts of two categorical columns over the union of their dictionaries, merged by value; sorted by label. */
export function countCategories(
  reference: CategoricalColumn,
  current: CategoricalColumn,
): LevelCounts {
  const labels = [...new Set([...reference.dictionary, ...current.dictionary])].sort();
  const position = new Map(labels.map((label, k) => [label, k]));
  return {
    labels,
    reference: countColumn(reference, position),
    current: countColumn(current, position),
  };
}

function countColumn(
  { codes, dictionary }: CategoricalColumn,
  position: ReadonlyMap<string, number>,
): Float64Array {
  const byCode = new Float64Array(dictionary.length);
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) byCode[codes[i]]++;
  const counts = new Float64Array(position.size);
  for (let code = 0; code < dictionary.length; code++) {
    counts[position.get(dictionary[code]) as number] += byCode[code];
  }
  return counts;
}

/** Distinct values of two sorted samples together, ascending; null when there are more than `limit`. */
export function distinctValues(
  reference: Float64Array,
  current: Float64Array,
  limit: number,
): readonly number[] | null {
  const values: number[] = [];
  let i = 0;
  let j = 0;
  while (i < reference.length || j < current.length) {
    const x = Math.min(
      i < reference.length ? reference[i] : Infinity,
      j < current.length ? current[j] : Infinity,
    );
    if (values.length === limit) return null;
    values.push(x);
    while (i < reference.length && reference[i] === x) i++;
    while (j < current.length && current[j] === x) j++;
  }
  return values;
}

/** Counts of two sorted samples over the given ascending values, which are all that occur. */
export function countValues(
  reference: Float64Array,
  current: Float64Array,
  values: readonly number[],
): LevelCounts {
  return {
    labels: values.map(String),
    reference: countSorted(reference, values),
    current: countSorted(current, values),
  };
}

function countSorted(sorted: Float64Array, values: readonly number[]): Float64Array {
  const counts = new Float64Array(values.length);
  for (let i = 0, k = 0; i < sorted.length; i++) {
    while (values[k] !== sorted[i]) k++;
    counts[k]++;
  }
  return counts;
}

/** Counts of two sorted samples inside and outside of [low, high]. */
export function countWithin(
  reference: Float64Array,
  current: Float64Array,
  low: number,
  high: number,
): LevelCounts {
  const inside = (sorted: Float64Array): number =>
    sorted.reduce((count, x) => (x >= low && x <= high ? count + 1 : count), 0);
  const split = (sorted: Float64Array): Float64Array => {
    const count = inside(sorted);
    return Float64Array.of(count, sorted.length - count);
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
