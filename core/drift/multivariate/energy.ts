import { createRandom, deriveSeed } from '../../random.ts';
import type { NotApplicable } from '../../stats/two-sample.ts';
import type { PointPair } from './encode-rows.ts';
import { attributeKernel, kernelTest, pooledDistances } from './pairwise.ts';
import type { Kernel } from './pairwise.ts';
import type { MultivariateTest } from './result.ts';

export interface EnergyOptions {
  readonly seed: number;
  /** most permutations drawn; the smallest p is 1/(permutations + 1) */
  readonly permutations: number;
  /** largest p at which columns are given their shares; absent: 1 */
  readonly attributeUpTo?: number | undefined;
}

/** Largest n + m: time and memory are quadratic in it. */
export const ENERGY_MAX_ROWS = 2000;

const DISTANCE: Kernel = { of: (square) => -Math.sqrt(square), unbiased: false };

/**
 * Energy test of two samples of points: could both share one distribution, dependence included?
 *
 * The statistic is the energy distance √(2E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖), p that of permutations of rows.
 *
 * @param pair n and m points, at least 2 each; n + m at most 2000
 * @throws RangeError if there are more points
 * @see Székely & Rizzo (2004), InterStat 5; (2013), J. Stat. Plan. Inference 143:1249–1272.
 */
export function energyTest(
  pair: PointPair,
  options: EnergyOptions,
): MultivariateTest | NotApplicable {
  const n = pair.reference.rows;
  const m = pair.current.rows;
  if (n + m > ENERGY_MAX_ROWS) {
    throw new RangeError(
      `energy test: at most ${ENERGY_MAX_ROWS} rows together, got ${n} and ${m}; draw fewer`,
    );
  }
  if (pair.columns.length === 0 || Math.min(n, m) < 2) {
    const reason = 'an energy test needs a column that varies and 2 rows of each sample';
    return { kind: 'not applicable', reason, n, m };
  }
  const random = createRandom(options.seed);
  const { statistic, pValue } = kernelTest(
    pooledDistances(pair),
    DISTANCE,
    options.permutations,
    random,
  );
  return {
    kind: 'tested',
    statistic: Math.sqrt(Math.max(0, statistic)),
    pValue,
    n,
    m,
    attribution:
      pValue > (options.attributeUpTo ?? 1)
        ? []
        : attributeKernel(pair, DISTANCE, deriveSeed(options.seed, 1)),
  };
}
