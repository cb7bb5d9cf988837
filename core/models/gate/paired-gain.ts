import { normalQuantile } from '../../stats/normal-quantile.ts';
import { normalSurvival } from '../../stats/special-functions.ts';
import { percentileInterval } from '../metrics/bootstrap.ts';
import { METRIC_DIRECTION } from '../metrics/evaluation.ts';
import type { GateTest, MetricName } from '../metrics/evaluation.ts';
import { classRankings } from '../metrics/rank-metrics.ts';
import type { Scored } from '../metrics/scored.ts';
import { delong } from './delong.ts';
import {
  mcnemarMidP,
  pairedDifferenceInterval,
  pairedDifferencePValue,
} from './paired-proportions.ts';
import type { Discordance } from './paired-proportions.ts';

/** By how much a challenger is better than a champion on the same rows, as the test that fits says it. */
export interface PairedGain {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** standard error of the gain */
  readonly deviation: number;
  readonly test: GateTest;
}

export interface PairedGainInput {
  readonly metric: MetricName;
  readonly champion: Scored;
  readonly challenger: Scored;
  /** the metric of the two on the same resamples */
  readonly replicates: { readonly champion: Float64Array; readonly challenger: Float64Array };
  /** values of the metric on all rows */
  readonly values: { readonly champion: number; readonly challenger: number };
  /** the gain that has to be exceeded, 0 or below, in the metric's unit */
  readonly bound: number;
  /** two-sided, in (0, 1) */
  readonly confidence: number;
}

/** Rows of a class, and others, from which on DeLong's normal approximation is used. */
const DELONG_MIN_ROWS = 10;

/**
 * The gain and its one-sided test against a bound, by the test that fits the metric:
 *
 * - accuracy, and micro F1, which equals it: McNemar's exact mid-p test where the bound is 0, Tango's score test
 *   where it is below; Tango's score interval;
 * - ROC-AUC of two classes with at least 10 rows each: DeLong's test and interval;
 * - everything else: the paired bootstrap, p = (1 + resamples at or below the bound) ÷ (1 + resamples), and the
 *   percentile interval.
 */
export function pairedGain(input: PairedGainInput): PairedGain {
  const { metric, champion, challenger } = input;
  if (champion.kind === 'classification' && challenger.kind === 'classification') {
    if (metric === 'accuracy' || metric === 'f1Micro') {
      return byMcnemar(discordanceOf(champion, challenger), input);
    }
    if (metric === 'rocAuc' && champion.classes === 2 && hasEnoughOfBoth(champion.truth)) {
      return byDelong(input);
    }
  }
  return byBootstrap(input);
}

/** Rows, all or those of a mask, on which only one of two classifiers is right. */
export function discordanceOf(
  champion: Extract<Scored, { kind: 'classification' }>,
  challenger: Extract<Scored, { kind: 'classification' }>,
  mask?: Uint8Array,
): Discordance {
  let won = 0;
  let lost = 0;
  let rows = 0;
  for (let i = 0; i < champion.rows; i++) {
    if (mask !== undefined && mask[i] === 0) continue;
    const before = champion.labels[i] === champion.truth[i];
    const after = challenger.labels[i] === challenger.truth[i];
    if (after && !before) won++;
    if (before && !after) lost++;
    rows++;
  }
  return { won, lost, rows };
}

/** Standard error of (won − lost) ÷ rows. */
function deviationOf({ won, lost, rows }: Discordance): number {
  const difference = (won - lost) / rows;
  return Math.sqrt(Math.max(0, (won + lost) / rows - difference * difference) / rows);
}

function byMcnemar(discordance: Discordance, { bound, confidence }: PairedGainInput): PairedGain {
  const pValue =
    bound === 0 ? mcnemarMidP(discordance) : pairedDifferencePValue(discordance, bound);
  return {
    value: (discordance.won - discordance.lost) / discordance.rows,
    ...pairedDifferenceInterval(discordance, confidence),
    deviation: deviationOf(discordance),
    test: { name: 'mcnemar', pValue },
  };
}

function byDelong({ champion, challenger, bound, confidence }: PairedGainInput): PairedGain {
  const { value, deviation } = delong(classRankings(champion)[0], classRankings(challenger)[0]);
  const half = -normalQuantile((1 - confidence) / 2) * deviation;
  const pValue =
    deviation > 0 ? normalSurvival((value - bound) / deviation) : value > bound ? 0 : 1;
  return {
    value,
    low: Math.max(-1, value - half),
    high: Math.min(1, value + half),
    deviation,
    test: { name: 'delong', pValue },
  };
}

function byBootstrap({
  metric,
  replicates,
  values,
  bound,
  confidence,
}: PairedGainInput): PairedGain {
  const sign = METRIC_DIRECTION[metric] === 'higher' ? 1 : -1;
  const value = sign * (values.challenger - values.champion);
  const gains = replicates.challenger.map((after, r) => sign * (after - replicates.champion[r]));
  if (gains.length === 0) {
    return { value, low: value, high: value, deviation: 0, test: { name: 'bootstrap', pValue: 1 } };
  }
  const below = gains.reduce((count, gain) => count + Number(gain <= bound), 0);
  return {
    value,
    ...percentileInterval(gains, confidence),
    deviation: deviationAmong(gains),
    test: { name: 'bootstrap', pValue: (1 + below) / (1 + gains.length) },
  };
}

function deviationAmong(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

function hasEnoughOfBoth(truth: Int32Array): boolean {
  const members = truth.reduce((count, k) => count + Number(k === 1), 0);
  return Math.min(members, truth.length - members) >= DELONG_MIN_ROWS;
}
