import type { EncodedColumn } from '../input/encoder.ts';
import type { ModelSchema } from '../model.ts';
import type { Targets } from '../input/targets.ts';

/** Where the values of numeric features lie, in each class: element j·K + k. */
export interface ClassMoments {
  /** rows with a value, or the sum of their weights */
  readonly counts: Float64Array;
  readonly means: Float64Array;
  /** sums of squared differences from the mean */
  readonly squares: Float64Array;
}

type ClassTargets = Extract<Targets, { kind: 'classification' }>;

/**
 * Counts, means and squared differences of each numeric column in each class, by West's recurrence.
 * @see West (1979), Comm. ACM 22:532–535
 */
export function classMoments(
  columns: readonly EncodedColumn[],
  { labels, classes }: ClassTargets,
  weights: Float64Array | undefined,
): ClassMoments {
  const numeric = columns.flatMap((column) => (column.kind === 'numeric' ? [column.values] : []));
  const moments = emptyMoments(numeric.length * classes);
  const { counts, means, squares } = moments;
  numeric.forEach((values, j) => {
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) continue;
      const at = j * classes + labels[i];
      const weight = weights === undefined ? 1 : weights[i];
      const before = values[i] - means[at];
      counts[at] += weight;
      means[at] += (weight * before) / counts[at];
      squares[at] += weight * before * (values[i] - means[at]);
    }
  });
  return moments;
}

/** Those of each feature over all classes. */
export function overClasses(moments: ClassMoments, classes: number): ClassMoments {
  const overall = emptyMoments(moments.counts.length / classes);
  for (let at = 0; at < moments.counts.length; at++) {
    addInto(moments, at, overall, Math.floor(at / classes));
  }
  return overall;
}

/**
 * Those of two sets of rows together.
 * @see Chan, Golub & LeVeque (1983), The American Statistician 37:242–247
 */
export function merged(a: ClassMoments, b: ClassMoments): ClassMoments {
  const both = { counts: a.counts.slice(), means: a.means.slice(), squares: a.squares.slice() };
  for (let at = 0; at < b.counts.length; at++) addInto(b, at, both, at);
  return both;
}

/** Rows of each category in each class, or the sums of their weights, of all categorical columns. */
export function categorySums(
  columns: readonly EncodedColumn[],
  { labels, classes }: ClassTargets,
  weights: Float64Array | undefined,
): Float64Array {
  const parts = columns.flatMap((column) => {
    if (column.kind === 'numeric') return [];
    const { codes, categories } = column;
    const counts = new Float64Array(classes * categories);
    codes.forEach((code, i) => {
      if (code < 0 || code >= categories) return;
      counts[labels[i] * categories + code] += weights === undefined ? 1 : weights[i];
    });
    return [counts];
  });
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @throws RangeError naming a column whose mean or variance exceeds all numbers */
export function requireFinite({ means, squares }: ClassMoments, schema: ModelSchema): void {
  const names = schema.features.filter(({ kind }) => kind === 'numeric').map(({ name }) => name);
  names.forEach((name, j) => {
    if (!Number.isFinite(means[j]) || !Number.isFinite(squares[j])) {
      throw new RangeError(`naive-bayes: the variance of column '${name}' exceeds all numbers`);
    }
  });
}

function emptyMoments(length: number): ClassMoments {
  return {
    counts: new Float64Array(length),
    means: new Float64Array(length),
    squares: new Float64Array(length),
  };
}

function addInto(from: ClassMoments, at: number, to: ClassMoments, into: number): void {
  const added = from.counts[at];
  if (added === 0) return;
  const total = to.counts[into] + added;
  const apart = from.means[at] - to.means[into];
  to.squares[into] += from.squares[at] + apart * apart * ((to.counts[into] * added) / total);
  to.means[into] += (apart * added) / total;
  to.counts[into] = total;
}
