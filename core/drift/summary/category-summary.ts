import type { CategoricalColumn } from '../../table.ts';
import {
  dependenceOfCells,
  frequentLevels,
  LEARNING_ROWS,
  mergeCurves,
} from '../../stats/row-dependence.ts';
import type { CategoryDependence } from '../../stats/row-dependence.ts';

/** What drift detection needs to know of a column of categories; its size does not grow with the rows. */
export interface CategorySummary {
  readonly kind: 'categorical';
  readonly name: string;
  readonly rows: number;
  readonly missing: number;
  /** the most frequent categories, at most 10,000, in ascending code-unit order */
  readonly labels: readonly string[];
  /** how often each of them occurs, at least once */
  readonly counts: Float64Array;
  /** those that are left out: how many there are (after a merge: at most) and how many values they hold */
  readonly others: { readonly labels: number; readonly values: number };
  /** of rows in their order */
  readonly dependence: CategoryDependence;
}

/** Categories that are kept: with more, a column holds texts or names its rows. */
export const MAX_LABELS = 10_000;

/** Summarises a column, or a run of its rows. */
export function summariseCategories({
  name,
  codes,
  dictionary,
}: CategoricalColumn): CategorySummary {
  const counts = new Float64Array(dictionary.length);
  let missing = 0;
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] < 0) missing++;
    else counts[codes[i]]++;
  }
  const levels = dictionary.map((label, code) => ({ label, count: counts[code] }));
  const others = { labels: 0, values: 0 };
  const frequent = frequentLevels(counts);
  const cells = Int32Array.from(dictionary, () => frequent.length);
  frequent.forEach((code, cell) => (cells[code] = cell));
  const dependence = dependenceOfCells(
    codes.subarray(0, LEARNING_ROWS).map((code) => (code < 0 ? -1 : cells[code])),
  );
  return summaryOf({ name, rows: codes.length, missing, dependence }, levels, others);
}

/** The column of the rows of both. Exact as long as neither leaves categories out. */
export function mergeCategories(a: CategorySummary, b: CategorySummary): CategorySummary {
  const counts = new Map<string, number>();
  for (const { labels, counts: own } of [a, b]) {
    labels.forEach((label, k) => counts.set(label, (counts.get(label) ?? 0) + own[k]));
  }
  return summaryOf(
    {
      name: a.name,
      rows: a.rows + b.rows,
      missing: a.missing + b.missing,
      dependence: {
        shares: mergeCurves(a.dependence.shares, b.dependence.shares),
        missing: mergeCurves(a.dependence.missing, b.dependence.missing),
      },
    },
    Array.from(counts, ([label, count]) => ({ label, count })),
    {
      labels: a.others.labels + b.others.labels,
      values: a.others.values + b.others.values,
    },
  );
}

/**
 * @param levels different categories in any order; those with a count of 0 are left out
 * @param others categories beside these, and their values
 */
export function summaryOf(
  head: Pick<CategorySummary, 'name' | 'rows' | 'missing' | 'dependence'>,
  levels: readonly { readonly label: string; readonly count: number }[],
  others: CategorySummary['others'],
): CategorySummary {
  const occurring = levels.filter(({ count }) => count > 0);
  const isTooMany = occurring.length > MAX_LABELS;
  const byCount = isTooMany
    ? occurring.toSorted((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1))
    : occurring;
  const kept = byCount.slice(0, MAX_LABELS).sort((a, b) => (a.label < b.label ? -1 : 1));
  const rest = byCount.slice(MAX_LABELS);
  return {
    ...head,
    kind: 'categorical',
    labels: kept.map(({ label }) => label),
    counts: Float64Array.from(kept, ({ count }) => count),
    others: {
      labels: others.labels + rest.length,
      values: others.values + rest.reduce((sum, { count }) => sum + count, 0),
    },
  };
}
