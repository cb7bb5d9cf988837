/**
 * Adjusted p-values for a family of hypotheses: reject those at or below the level that the family as a
 * whole shall keep. Input in any order; output in the order of the input; each in [0, 1].
 */
type Correction = (pValues: readonly number[]) => readonly number[];

/** Bonferroni: min(1, k·p). Controls the chance of any false alarm, whatever the dependence. */
export const bonferroni: Correction = (pValues) => {
  checkPValues(pValues);
  return pValues.map((p) => Math.min(1, p * pValues.length));
};

/**
 * Holm's step-down: max over smaller p of (k − rank + 1)·p. Controls the chance of any false alarm,
 * whatever the dependence, and rejects all that Bonferroni does, and more.
 * @throws RangeError if a p-value is not in [0, 1]
 * @see Holm (1979), Scand. J. Stat. 6:65–70.
 */
export const holm: Correction = (pValues) => {
  checkPValues(pValues);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, index] of ascending(pValues).entries()) {
    largest = Math.max(largest, Math.min(1, pValues[index] * (pValues.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
};

/**
 * Holm's step-down with weights: in ascending order of p ÷ weight, max over those before of p ÷ weight times the
 * weights not yet rejected. With equal weights it is `holm`. Controls the chance of any false alarm, whatever the
 * dependence, for weights that do not depend on the p-values.
 * @param weights above 0, as many as there are p-values; only their proportions count
 * @throws RangeError if a p-value is not in [0, 1], or a weight is not above 0
 * @see Holm (1979), Scand. J. Stat. 6:65–70, section 4.
 */
export function weightedHolm(
  pValues: readonly number[],
  weights: readonly number[],
): readonly number[] {
  checkPValues(pValues);
  for (const [index, weight] of weights.entries()) {
    if (!(weight > 0 && weight < Infinity)) {
      throw new RangeError(`correction: weight ${index} must be above 0, got ${weight}`);
    }
  }
  const order = ascending(pValues.map((p, index) => p / weights[index]));
  const adjusted = new Array<number>(pValues.length);
  // Sums over the end of the order, of positive terms only: a difference would leave rounding behind.
  const left = order.map((index) => weights[index]);
  for (let rank = order.length - 2; rank >= 0; rank--) left[rank] += left[rank + 1];
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, pValues[index] * (left[rank] / weights[index])));
    adjusted[index] = largest;
  }
  return adjusted;
}

/**
 * Benjamini–Hochberg step-up: min over larger p of k·p/rank. Controls the expected share of false alarms
 * among the alarms, for independent or positively dependent tests.
 * @throws RangeError if a p-value is not in [0, 1]
 * @see Benjamini & Hochberg (1995), JRSS B 57:289–300.
 */
export const benjaminiHochberg: Correction = (pValues) => stepUp(pValues, 1);

/**
 * Benjamini–Yekutieli: Benjamini–Hochberg times 1 + ½ + … + 1/k, for any dependence.
 * @throws RangeError if a p-value is not in [0, 1]
 * @see Benjamini & Yekutieli (2001), Ann. Stat. 29:1165–1188.
 */
export const benjaminiYekutieli: Correction = (pValues) => {
  let harmonic = 0;
  for (let k = 1; k <= pValues.length; k++) harmonic += 1 / k;
  return stepUp(pValues, harmonic);
};

function stepUp(pValues: readonly number[], penalty: number): readonly number[] {
  checkPValues(pValues);
  const adjusted = new Array<number>(pValues.length);
  let smallest = 1;
  for (const [rank, index] of [...ascending(pValues).entries()].reverse()) {
    smallest = Math.min(smallest, (pValues[index] * pValues.length * penalty) / (rank + 1));
    adjusted[index] = smallest;
  }
  return adjusted;
}

/** Indices of the p-values, smallest first. */
function ascending(pValues: readonly number[]): readonly number[] {
  return pValues.map((_, index) => index).sort((a, b) => pValues[a] - pValues[b]);
}

function checkPValues(pValues: readonly number[]): void {
  for (const [index, p] of pValues.entries()) {
    if (!(p >= 0 && p <= 1)) {
      throw new RangeError(`correction: p-value ${index} must be from 0 to 1, got ${p}`);
    }
  }
}
