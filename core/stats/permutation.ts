import type { Random } from '../random.ts';

/** Permutations at least as extreme after which further ones would only sharpen a large p-value. */
const ENOUGH_EXCEEDANCES = 30;

/** Statistics as extreme as the observed one differ from it by rounding only. */
const ROUNDING = 1e-10;

/**
 * p-value of a permutation test: (exceedances + 1) / (draws + 1), exact whatever the distribution, as long as
 * rows are exchangeable without change. Stops early where p is large.
 *
 * @param observed statistic of the samples as they are; large speaks for change
 * @param draw statistic of a random permutation
 * @param permutations most of them that are drawn; the smallest p is 1/(permutations + 1)
 * @returns p in (0, 1]
 * @throws RangeError if permutations is below 1
 * @see Besag & Clifford (1991), Biometrika 78:301–304; Phipson & Smyth (2010), SAGMB 9:39.
 */
export function permutationPValue(
  observed: number,
  draw: () => number,
  permutations: number,
): number {
  if (!(Number.isInteger(permutations) && permutations >= 1)) {
    throw new RangeError(`permutation test: at least 1 permutation is needed, got ${permutations}`);
  }
  const threshold = observed - ROUNDING * Math.abs(observed);
  let exceedances = 0;
  for (let drawn = 1; drawn <= permutations; drawn++) {
    if (draw() >= threshold) exceedances++;
    if (exceedances === ENOUGH_EXCEEDANCES) return exceedances / drawn;
  }
  return (exceedances + 1) / (permutations + 1);
}

/** Puts a random choice of `count` elements first, by a partial Fisher–Yates shuffle in place. */
export function chooseInto(elements: Int32Array, count: number, random: Random): void {
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (elements.length - i));
    const chosen = elements[j];
    elements[j] = elements[i];
    elements[i] = chosen;
  }
}

/** A random choice of `count` of the numbers 0 … size − 1, in random order. */
export function randomRows(size: number, count: number, random: Random): Int32Array {
  const rows = Int32Array.from({ length: size }, (_, i) => i);
  chooseInto(rows, Math.min(count, size), random);
  return rows.subarray(0, Math.min(count, size));
}
