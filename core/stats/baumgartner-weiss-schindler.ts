import { andersonDarlingSurvival } from './quadratic-limits.ts';
import { forEachDistinct, requireSamples } from './two-sample.ts';
import type { TwoSampleOutcome } from './two-sample.ts';

/** What ties alone may add to B, whose mean without change is 1: a level of 0.05 is then at most about 0.065. */
const TIE_LIMIT = 0.03;

/**
 * Two-sample test of Baumgartner, Weiss and Schindler: could both samples share one distribution? Weighs
 * the tails as Anderson–Darling does, from ranks.
 *
 * B = (B_ref + B_cur)/2 with B_ref = (1/n) Σ_i (R_i − iN/n)² / [ i/(n+1) (1 − i/(n+1)) mN/n ], R_i the rank of
 * the i-th value of the reference among all N, equal values sharing the mean of theirs; B_cur likewise. p from
 * the limit, which is that of Anderson–Darling's statistic; a little too small for fewer than 20 values, where a
 * level of 0.05 is up to 0.065.
 * Ties add to B, without bound as N grows: where that matters the test is not applicable.
 *
 * @param reference n finite values in ascending order
 * @param current m finite values in ascending order, same unit
 * @throws RangeError if n or m is 0
 * @see Baumgartner, Weiss & Schindler (1998), Biometrics 54:1129–1135; B as in SciPy's `bws_test`. O(n + m).
 */
export function baumgartnerWeissSchindlerTest(
  reference: Float64Array,
  current: Float64Array,
): TwoSampleOutcome {
  const { statistic, fromTies } = baumgartnerWeissSchindlerStatistic(reference, current);
  const n = reference.length;
  const m = current.length;
  if (fromTies > TIE_LIMIT) {
    const reason = `too many equal values for Baumgartner–Weiss–Schindler: they alone add ${fromTies.toPrecision(2)} to B, at most ${TIE_LIMIT} is trusted`;
    return { kind: 'not applicable', reason, n, m };
  }
  return { kind: 'tested', statistic, pValue: andersonDarlingSurvival(statistic), n, m };
}

/**
 * B as above, and the part of it that would vanish if equal values of one sample shared their i as well.
 * @throws RangeError if n or m is 0
 */
export function baumgartnerWeissSchindlerStatistic(
  reference: Float64Array,
  current: Float64Array,
): { readonly statistic: number; readonly fromTies: number } {
  requireSamples('baumgartner-weiss-schindler', reference, current);
  const n = reference.length;
  const m = current.length;
  const ofReference = { statistic: 0, fromTies: 0 };
  const ofCurrent = { statistic: 0, fromTies: 0 };
  forEachDistinct(reference, current, (_, i, a, j, b) => {
    const rank = i + j + (a + b + 1) / 2;
    addGroup(ofReference, rank, i, a, n, m);
    addGroup(ofCurrent, rank, j, b, m, n);
  });
  return {
    statistic: (ofReference.statistic + ofCurrent.statistic) / 2,
    fromTies: (ofReference.fromTies + ofCurrent.fromTies) / 2,
  };
}

/** Adds the terms of `count` equal values, `below` of whose sample of `size` values are smaller. */
function addGroup(
  sum: { statistic: number; fromTies: number },
  rank: number,
  below: number,
  count: number,
  size: number,
  other: number,
): void {
  const stretch = (size + other) / size;
  const shared = rank - stretch * (below + (count + 1) / 2);
  for (let i = below + 1; i <= below + count; i++) {
    const share = i / (size + 1);
    const weight = 1 / (share * (1 - share) * other * stretch * size);
    const square = (rank - stretch * i) ** 2;
    sum.statistic += square * weight;
    sum.fromTies += (square - shared * shared) * weight;
  }
}
