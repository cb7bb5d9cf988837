import type { Random } from '../../random.ts';
import { chiSquareHomogeneity } from '../../stats/chi-square.ts';
import { ksTwoSample } from '../../stats/ks.ts';
import { mannWhitneyTest } from '../../stats/mann-whitney.ts';
import { populationStabilityIndex } from '../../stats/psi.ts';
import { countCategories } from '../levels.ts';
import type { Change, Effect } from '../report.ts';
import type { NumberSummary } from '../summary/number-summary.ts';
import type { SortedSample } from '../summary/sorted-sample.ts';
import type { ColumnSummary } from '../summary/table-summary.ts';

/** CalmOps for Python: every test at this level, none corrected. */
const LEVEL = 0.05;
/** From this PSI on a column has drifted, whatever the number of rows. */
const PSI_THRESHOLD = 0.1;
const PSI_BINS = 10;

/**
 * The rule of CalmOps for Python, for who migrates from it: a file has drifted if any of its columns has, and a
 * column of numbers if any of Kolmogorov–Smirnov (p < 0.05), Mann–Whitney (p < 0.05) and PSI over ten bins of
 * equal width (> 0.10) says so, one of categories if χ² (p < 0.05) does. There is no correction for their number: of
 * files without drift with 5 columns about one in three alarms, with 20 columns four in five.
 *
 * The rule, without its defects: an empty bin made PSI infinite, where half a value a bin is added here; χ² failed on
 * every column, and a failure counted as no drift, where categories are tested here; Yates' correction, which keeps
 * χ² of two categories below its level, is left out; the reference is the champion's training data, not the file
 * before, so that slow drift adds up; columns that number rows, or are constant, are not tested.
 *
 * @param random for the exact p-value of sparse categories
 * @returns one change for each test; empty where one of the columns holds times or another kind
 */
export function compareAsCalmops(
  reference: ColumnSummary,
  current: ColumnSummary,
  random: Random,
): readonly Change[] {
  if (reference.kind === 'categorical' && current.kind === 'categorical') {
    const { reference: before, current: now } = countCategories(reference, current);
    const { statistic, pValue, method } = chiSquareHomogeneity(before, now, random);
    const figures = { n: present(reference), m: present(current), statistic, pValue };
    return [changeOf(method, figures, indexOf(before, now))];
  }
  if (reference.kind !== 'numeric' || current.kind !== 'numeric') return [];
  const before = reference.sample.values;
  const now = current.sample.values;
  const psi = indexOf(...equalWidthCounts(reference, current));
  const ks = ksTwoSample(before, now);
  const ranks = mannWhitneyTest(before, now);
  const sizes = { n: present(reference), m: present(current) };
  return [
    changeOf('Kolmogorov–Smirnov', { ...ks, ...sizes }, psi),
    changeOf('Mann–Whitney U', { ...ranks, ...sizes }, psi),
  ];
}

function changeOf(
  test: Change['test'],
  { n, m, statistic, pValue }: Pick<Change, 'n' | 'm' | 'statistic' | 'pValue'>,
  effect: Effect,
): Change {
  // PSI was no part of the rule for categories.
  const isFar =
    (test === 'Kolmogorov–Smirnov' || test === 'Mann–Whitney U') && effect.value > effect.threshold;
  const drifted = pValue < LEVEL || isFar;
  return {
    about: 'distribution',
    test,
    statistic,
    n,
    m,
    pValue,
    adjustedPValue: pValue,
    falseDiscoveryRate: pValue,
    effect,
    significant: drifted,
    material: drifted,
  };
}

const present = ({ rows, missing }: ColumnSummary): number => rows - missing;

const indexOf = (before: ArrayLike<number>, now: ArrayLike<number>): Effect => ({
  name: 'PSI',
  value: populationStabilityIndex(before, now),
  threshold: PSI_THRESHOLD,
});

/** Counts over ten bins of equal width from the least to the greatest value of both. */
function equalWidthCounts(
  reference: NumberSummary,
  current: NumberSummary,
): readonly [before: Float64Array, now: Float64Array] {
  const low = Math.min(reference.range?.low ?? 0, current.range?.low ?? 0);
  const high = Math.max(reference.range?.high ?? 0, current.range?.high ?? 0);
  const countsOf = ({ values, count }: SortedSample): Float64Array => {
    const counts = new Float64Array(PSI_BINS);
    for (const x of values) {
      // Halved, so that the width of a range near the end of doubles does not overflow.
      const place = (x / 2 - low / 2) / (high / 2 - low / 2);
      counts[Math.min(PSI_BINS - 1, Math.floor(place * PSI_BINS))] += count / values.length;
    }
    return counts;
  };
  return [countsOf(reference.sample), countsOf(current.sample)];
}
