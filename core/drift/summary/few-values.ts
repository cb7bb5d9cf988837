/** How often each different number occurs, where there are few. */
export interface ValueCounts {
  /** different, ascending */
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

/** Numbers with at most this many different values are compared as categories: KS is too cautious under ties. */
const FEW_VALUES = 10;

/** Null when there are more than 10 different ones. @param sorted in ascending order */
export function countFewValues(sorted: Float64Array): ValueCounts | null {
  const values: number[] = [];
  const counts: number[] = [];
  for (let start = 0; start < sorted.length;) {
    if (values.length === FEW_VALUES) return null;
    const x = sorted[start];
    const end = endOfRun(sorted, start);
    values.push(x);
    counts.push(end - start);
    start = end;
  }
  return { values, counts };
}

/** Counts of both together. Null when there are more than 10 different values. */
export function mergeFewValues(a: ValueCounts | null, b: ValueCounts | null): ValueCounts | null {
  if (a === null || b === null) return null;
  const values = [...new Set([...a.values, ...b.values])].sort((x, y) => x - y);
  if (values.length > FEW_VALUES) return null;
  return { values, counts: values.map((x) => countOf(a, x) + countOf(b, x)) };
}

/** How often a number occurs. */
export function countOf({ values, counts }: ValueCounts, x: number): number {
  const at = values.indexOf(x);
  return at < 0 ? 0 : counts[at];
}

/** Index after the last value that equals the one at `start`, by doubling steps and halving them again. */
function endOfRun(sorted: Float64Array, start: number): number {
  const x = sorted[start];
  let inside = start;
  let step = 1;
  while (inside + step < sorted.length && sorted[inside + step] === x) {
    inside += step;
    step *= 2;
  }
  let outside = Math.min(inside + step, sorted.length);
  while (outside - inside > 1) {
    const middle = (inside + outside) >>> 1;
    if (sorted[middle] === x) inside = middle;
    else outside = middle;
  }
  return outside;
}
