import { hellingerDistance } from '../stats/hellinger.ts';
import { jensenShannonDistance } from '../stats/jensen-shannon.ts';
import { populationStabilityIndex } from '../stats/psi.ts';
import { occurring } from './levels.ts';
import type { Effect } from './report.ts';

/** Distances that a pipeline may measure the size of a change by, instead of the measure of the column's kind. */
export const DISTANCE_MEASURES = ['jensen-shannon', 'psi', 'hellinger'] as const;
export type DistanceMeasure = (typeof DISTANCE_MEASURES)[number];

/**
 * A distance of shares over common bins with what chance alone gives it taken away, so that one threshold serves
 * every n and every number of bins; 0 where there is no more than that.
 *
 * Without change and with b occupied bins, n(p̂ − p) is multinomial, and a divergence with second derivative f″(1) is
 * on average ½ f″(1) (b − 1)(1/n + 1/m): PSI (b − 1)(1/n + 1/m); the squares of the Hellinger and the
 * Jensen–Shannon distance (b − 1)(1/n + 1/m)/8, the latter ÷ ln 2 in bits.
 *
 * @param reference counts of at least one value; levels that are empty in both do not count as bins
 * @param current likewise
 * @see Yurdakul & Naranjo (2020), J. Risk Model Valid. 14:89–100, for PSI; Pardo (2006), Statistical Inference Based
 *   on Divergence Measures, section 3 for the family.
 */
export function distanceAboveChance(
  measure: DistanceMeasure,
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  threshold: number,
): Effect {
  const { before, now } = occurring(reference, current);
  const chance = (before.length - 1) * (1 / sum(before) + 1 / sum(now));
  switch (measure) {
    case 'psi': {
      const value = Math.max(0, populationStabilityIndex(before, now) - chance);
      return { name: 'PSI above chance', value, threshold };
    }
    case 'hellinger': {
      const value = rootAbove(hellingerDistance(before, now), chance / 8);
      return { name: 'Hellinger above chance', value, threshold };
    }
    case 'jensen-shannon': {
      const value = rootAbove(jensenShannonDistance(before, now), chance / 8 / Math.LN2);
      return { name: 'Jensen–Shannon above chance', value, threshold };
    }
  }
}

const rootAbove = (distance: number, square: number): number =>
  Math.sqrt(Math.max(0, distance * distance - square));

const sum = (counts: readonly number[]): number => counts.reduce((total, own) => total + own, 0);
