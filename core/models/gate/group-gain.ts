import { normalSurvival } from '../../stats/special-functions.ts';
import type { GroupComparison } from '../metrics/evaluation.ts';

/** What a group of rows gains, before the correction over all groups. */
export interface GroupGain extends Omit<GroupComparison, 'pValue' | 'verdict'> {
  /** one-sided p-value of losing more than is tolerated */
  readonly harm: number;
  /** one-sided p-value of losing less */
  readonly noHarm: number;
}

/** How much a group may lose, and the confidence of its interval, two-sided. */
export interface Tolerated {
  readonly tolerance: number;
  readonly confidence: number;
}

/**
 * Both one-sided p-values of a gain that is normal with this standard error.
 * @param above gain minus the smallest one that is tolerated
 */
export function pValuesOf(above: number, deviation: number): Pick<GroupGain, 'harm' | 'noHarm'> {
  if (deviation === 0) return above > 0 ? { harm: 1, noHarm: 0 } : { harm: 0, noHarm: 1 };
  const z = above / deviation;
  return { harm: normalSurvival(-z), noHarm: normalSurvival(z) };
}
