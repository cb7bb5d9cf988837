/** Parts that come one after the other, merged as they come, so that few are held. */
export interface InOrder<T> {
  add(part: T): void;
  /** all parts as one; null when there are none */
  total(): T | null;
}

/**
 * Merges as a binary counter does: two parts of equal height at a time, neighbours only. Of n parts log₂ n are held,
 * and none has gone through more than log₂ n merges.
 */
export function mergeInOrder<T>(merge: (before: T, after: T) => T): InOrder<T> {
  /** highest, and so earliest, first */
  const runs: { readonly height: number; readonly part: T }[] = [];
  return {
    add(part) {
      let height = 0;
      let merged = part;
      for (let last = runs.at(-1); last?.height === height; last = runs.at(-1)) {
        runs.pop();
        merged = merge(last.part, merged);
        height++;
      }
      runs.push({ height, part: merged });
    },
    total: () =>
      runs
        .map(({ part }) => part)
        .reduceRight<T | null>((later, part) => (later === null ? part : merge(part, later)), null),
  };
}
