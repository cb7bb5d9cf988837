/** Metrics that depend on the order only in which a model ranks the rows: areas under curves. */
import { countBelow } from '../../stats/search-sorted.ts';
import type { MetricName } from './evaluation.ts';
import type { Scored } from './scored.ts';

export type RankMetric = 'rocAuc' | 'prAuc';

/** Is it one of those that depend on the order of the rows only? */
export function isRankMetric(metric: MetricName): metric is RankMetric {
  return metric === 'rocAuc' || metric === 'prAuc';
}

/** The rows, one class against all others, in groups of equal probability of that class. */
export interface ClassRanking {
  /** of each row: its group, 0 = the most probable */
  readonly groupOf: Int32Array;
  readonly groups: number;
  /** of each row: 1 = it is of the class */
  readonly positive: Uint8Array;
}

/**
 * The rankings that the areas are means over: of two classes that of the second one, else those of all classes
 * that occur; none for regression. O(classes · n log n).
 */
export function classRankings(scores: Scored): readonly ClassRanking[] {
  if (scores.kind !== 'classification') return [];
  if (scores.classes === 2) return [rankingOf(scores, 1)];
  return [...new Set(scores.truth)]
    .filter((k) => k >= 0)
    .sort((a, b) => a - b)
    .map((k) => rankingOf(scores, k));
}

/**
 * Mean area over the rankings for which it is defined.
 *
 * rocAuc = the chance that a row of the class ranks above another one, ties half.
 * prAuc = average precision, Σ_g (R_g − R_{g−1}) P_g over the groups of equal probability from the top.
 *
 * @param times how often each row counts; once when absent
 * @returns in [0, 1]; undefined if no class has rows of it (for rocAuc: and others)
 */
export function rankMetric(
  metric: RankMetric,
  rankings: readonly ClassRanking[],
  times?: Int32Array,
): number | undefined {
  return meanArea(
    metric,
    rankings.map((ranking) => tally(ranking, times)),
  );
}

/** `rankMetric` of rows that are counted already; counts may be expected ones. */
export function meanArea(metric: RankMetric, tallies: readonly Tally[]): number | undefined {
  let sum = 0;
  let defined = 0;
  for (const counted of tallies) {
    const area = AREA[metric](counted);
    if (area === undefined) continue;
    sum += area;
    defined++;
  }
  return defined === 0 ? undefined : sum / defined;
}

/**
 * The area linearised: terms, one a row, whose mean over the rows is the area, and whose mean over a resample is
 * that of the resample but for terms of order 1 ÷ n. Their variance over n is the infinitesimal jackknife's of
 * the area, which is DeLong's for rocAuc.
 *
 * @param rows number of rows
 * @returns undefined if the area is
 * @see DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44:837–845; Efron (1982), The Jackknife, the Bootstrap
 *   and Other Resampling Plans, ch. 6
 */
export function rankTerms(
  metric: RankMetric,
  rankings: readonly ClassRanking[],
  rows: number,
): Float64Array | undefined {
  const terms = new Float64Array(rows);
  let defined = 0;
  for (const ranking of rankings) {
    const counted = tally(ranking);
    const area = AREA[metric](counted);
    if (area === undefined) continue;
    const influence = INFLUENCE[metric](counted, area);
    const { groupOf, positive } = ranking;
    for (let i = 0; i < rows; i++) {
      const ofGroup = positive[i] === 1 ? influence.ofPositives : influence.ofNegatives;
      terms[i] += area + rows * ofGroup[groupOf[i]];
    }
    defined++;
  }
  return defined === 0 ? undefined : terms.map((term) => term / defined);
}

function rankingOf(
  { rows, classes, truth, probabilities }: Extract<Scored, { kind: 'classification' }>,
  k: number,
): ClassRanking {
  const positive = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) positive[i] = truth[i] === k ? 1 : 0;
  return { ...groupsOfClass(probabilities, classes, k), positive };
}

/**
 * The rows in groups of equal probability of a class, the most probable first.
 * @param probabilities row-major, rows × classes
 */
export function groupsOfClass(
  probabilities: Float64Array,
  classes: number,
  k: number,
): Pick<ClassRanking, 'groupOf' | 'groups'> {
  const rows = probabilities.length / classes;
  const own = new Float64Array(rows);
  for (let i = 0; i < rows; i++) own[i] = probabilities[i * classes + k];
  const distinct = own.slice().sort();
  let groups = 0;
  for (let i = 0; i < rows; i++) {
    if (i === 0 || distinct[i] !== distinct[groups - 1]) distinct[groups++] = distinct[i];
  }
  const groupOf = new Int32Array(rows);
  const ascending = distinct.subarray(0, groups);
  for (let i = 0; i < rows; i++) groupOf[i] = groups - 1 - countBelow(ascending, own[i]);
  return { groupOf, groups };
}

/** Rows of the class and others: in each group, the most probable first, and in all. */
export interface Tally {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
  readonly allPositives: number;
  readonly allNegatives: number;
}

/** A tally to be filled over and over. */
export type ReusedTally = { -readonly [K in keyof Tally]: Tally[K] } & {
  /** negatives and positives one after the other, in the same memory */
  readonly counts: Float64Array;
};

export function emptyTally({ groups }: ClassRanking): ReusedTally {
  const counts = new Float64Array(2 * groups);
  return {
    counts,
    positives: counts.subarray(groups),
    negatives: counts.subarray(0, groups),
    allPositives: 0,
    allNegatives: 0,
  };
}

/** Counts the rows of a ranking anew. @param times how often each row counts; once when absent */
export function tallyInto(
  out: ReusedTally,
  { groupOf, groups, positive }: ClassRanking,
  times?: Int32Array,
): void {
  const { counts } = out;
  counts.fill(0);
  let all = 0;
  let allPositives = 0;
  // Without a branch on the class, which no processor foresees.
  for (let i = 0; i < groupOf.length; i++) {
    const count = times === undefined ? 1 : times[i];
    counts[groupOf[i] + groups * positive[i]] += count;
    all += count;
    allPositives += count * positive[i];
  }
  out.allPositives = allPositives;
  out.allNegatives = all - allPositives;
}

function tally(ranking: ClassRanking, times?: Int32Array): Tally {
  const counted = emptyTally(ranking);
  tallyInto(counted, ranking, times);
  return counted;
}

const AREA: Readonly<Record<RankMetric, (counted: Tally) => number | undefined>> = {
  rocAuc({ positives, negatives, allPositives, allNegatives }) {
    if (allPositives === 0 || allNegatives === 0) return undefined;
    let above = 0;
    let wins = 0;
    for (let g = 0; g < positives.length; g++) {
      wins += negatives[g] * (above + positives[g] / 2);
      above += positives[g];
    }
    return wins / (allPositives * allNegatives);
  },
  prAuc({ positives, negatives, allPositives }) {
    if (allPositives === 0) return undefined;
    let hits = 0;
    let rows = 0;
    let sum = 0;
    for (let g = 0; g < positives.length; g++) {
      hits += positives[g];
      rows += positives[g] + negatives[g];
      // Without a branch on the draw; where no row is drawn yet, none is positive.
      sum += (positives[g] * hits) / Math.max(rows, Number.MIN_VALUE);
    }
    return sum / allPositives;
  },
};

/** Derivative of an area by how often a row of each group counts. */
interface Influence {
  readonly ofPositives: Float64Array;
  readonly ofNegatives: Float64Array;
}

const INFLUENCE: Readonly<Record<RankMetric, (counted: Tally, area: number) => Influence>> = {
  rocAuc({ positives, negatives, allPositives, allNegatives }, area) {
    let positivesAbove = 0;
    let negativesAbove = 0;
    const ofNegatives = positives.map((count) => {
      const won = (positivesAbove + count / 2) / allPositives;
      positivesAbove += count;
      return (won - area) / allNegatives;
    });
    const ofPositives = negatives.map((count) => {
      const won = (allNegatives - negativesAbove - count / 2) / allNegatives;
      negativesAbove += count;
      return (won - area) / allPositives;
    });
    return { ofPositives, ofNegatives };
  },
  prAuc({ positives, negatives, allPositives, allNegatives }, area) {
    const groups = positives.length;
    const ofPositives = new Float64Array(groups);
    const ofNegatives = new Float64Array(groups);
    let hits = allPositives;
    let rows = allPositives + allNegatives;
    // A row counts in the precision of its own group and of every one below, hence from the bottom up.
    let gain = 0;
    let loss = 0;
    for (let g = groups - 1; g >= 0; g--) {
      const precision = hits / rows;
      gain += positives[g] / rows;
      loss += (positives[g] * precision) / rows;
      ofPositives[g] = (precision - area + gain - loss) / allPositives;
      ofNegatives[g] = -loss / allPositives;
      hits -= positives[g];
      rows -= positives[g] + negatives[g];
    }
    return { ofPositives, ofNegatives };
  },
};
