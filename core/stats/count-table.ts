/** Least expected count for which the χ² distribution is trusted (Cochran 1954, Biometrics 10:417–451). */
export const LEAST_EXPECTED = 5;

/** Two rows of counts over the same levels, with their sums. */
export interface CountTable {
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly n: number;
  readonly m: number;
}

/**
 * The levels that occur in either sample.
 * @param test name for the message
 * @throws RangeError if the lengths differ or a sample is empty
 */
export function occupiedLevels(
  test: string,
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): CountTable {
  if (reference.length !== current.length) {
    throw new RangeError(
      `${test}: both samples need the same levels, got ${reference.length} and ${current.length}`,
    );
  }
  const rows: [number[], number[]] = [[], []];
  let n = 0;
  let m = 0;
  for (let k = 0; k < reference.length; k++) {
    if (reference[k] + current[k] === 0) continue;
    rows[0].push(reference[k]);
    rows[1].push(current[k]);
    n += reference[k];
    m += current[k];
  }
  if (!(n > 0 && m > 0)) {
    throw new RangeError(`${test}: both samples need at least 1 value, got ${n} and ${m}`);
  }
  return { reference: rows[0], current: rows[1], n, m };
}

/**
 * The table with its rare levels in one. If even together they are rare, the rarest other level joins
 * them, as long as another one remains beside them.
 */
export function poolRareLevels(table: CountTable): CountTable {
  const { reference, current, n, m } = table;
  const smallerShare = Math.min(n, m) / (n + m);
  const isRare = (k: number): boolean =>
    (reference[k] + current[k]) * smallerShare < LEAST_EXPECTED;
  const levels = reference.map((_, k) => k);
  const rare = levels.filter(isRare);
  if (rare.length === 0) return table;
  const kept = levels
    .filter((k) => !isRare(k))
    .sort((a, b) => reference[a] + current[a] - reference[b] - current[b] || a - b);
  const sum = (row: readonly number[], over: readonly number[]): number =>
    over.reduce((total, k) => total + row[k], 0);
  const isStillRare = (): boolean =>
    (sum(reference, rare) + sum(current, rare)) * smallerShare < LEAST_EXPECTED;
  while (kept.length > 1 && isStillRare()) rare.push(...kept.splice(0, 1));
  return {
    reference: [...kept.map((k) => reference[k]), sum(reference, rare)],
    current: [...kept.map((k) => current[k]), sum(current, rare)],
    n,
    m,
  };
}

/** Smallest expected count of the table. */
export function leastExpected({ reference, current, n, m }: CountTable): number {
  let smallest = Infinity;
  for (let k = 0; k < reference.length; k++) {
    smallest = Math.min(smallest, reference[k] + current[k]);
  }
  return (smallest * Math.min(n, m)) / (n + m);
}
