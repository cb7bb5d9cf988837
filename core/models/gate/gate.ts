import { normalQuantile } from '../../stats/normal-quantile.ts';
import { bootstrapMetric } from '../metrics/bootstrap.ts';
import {
  breachesOf,
  definedMetric,
  estimateOf,
  requireConfidence,
  valueOf,
} from '../metrics/evaluate.ts';
import type { Thresholds } from '../metrics/evaluate.ts';
import type { Comparison, GatePower, MetricName } from '../metrics/evaluation.ts';
import { judge } from './judge.ts';
import { missedGain } from './minimum-gain.ts';
import type { MinimumGains } from './minimum-gain.ts';
import { groupsOf } from './no-harm.ts';
import { pairedGain } from './paired-gain.ts';
import type { PairedGain } from './paired-gain.ts';
import { metricsOf } from '../metrics/metrics.ts';
import type { Outcomes, Predictions } from '../model.ts';
import { scored } from '../metrics/scored.ts';

/** The power at which a comparison says what it could have shown. */
const POWER = 0.8;

/** A class or a named segment may lose so much F1, share right, or share of its RMSE, unless a pipeline says otherwise. */
export const DEFAULT_HARM_TOLERANCE = 0.05;

/** Resamples that lie beyond the level of the test if all is as without a gain: p-values below it are to exist. */
const RESAMPLES_BEYOND = 4;

export interface GateInput {
  /** both on the same rows, which neither was trained on */
  readonly champion: Predictions;
  readonly challenger: Predictions;
  /** of those rows, over the classes of both models: see `jointTarget` */
  readonly outcomes: Outcomes;
  readonly metric: MetricName;
  /** 0: the challenger must be better; above: it may be worse by so much, in the metric's unit */
  readonly margin: number;
  /** of the two-sided interval, in (0, 1): an equal challenger is promoted with chance (1 − confidence) ÷ 2 */
  readonly confidence: number;
  /** absolute limits that the challenger must keep */
  readonly thresholds: Thresholds;
  /** gains below which a change is not worth it, however sure; none when absent */
  readonly minimumGains?: MinimumGains;
  /** rows that the challenger must be shown not to harm: 1 or 0 a row; none when absent */
  readonly segments?: readonly { readonly name: string; readonly mask: Uint8Array }[];
  /** the largest loss of a class or segment that does not count; 0.05 when absent */
  readonly harmTolerance?: number;
  readonly seed: number;
}

/**
 * The gate: is the challenger shown to be better than the champion, and nobody harmed?
 *
 * Both are scored on the same rows, which takes out how hard the rows are; `pairedGain` says by which test. `promote`
 * when the test and the interval of the gain say that it lies above 0 (above −margin where one is given), the
 * thresholds hold, the gain is as large as was asked for, no class is shown to be harmed, and every named segment is
 * shown not to be. `refuse` when a threshold is broken, the challenger does not score above the bound at all or not by
 * enough, or harm is shown; `undecided` when it scores above it, but by so little or on so few rows that chance
 * would do, or a segment is not shown to be spared.
 *
 * @throws RangeError if predictions and outcomes do not match, the metric is not of the task, or an option is out of range
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 8 and 13
 */
export function compareModels(input: GateInput): Comparison {
  const { metric, margin, confidence, seed } = input;
  requireConfidence(confidence);
  if (!(margin >= 0)) throw new RangeError(`margin must be 0 or more, got ${margin}`);
  const champion = scored(input.champion, input.outcomes);
  const challenger = scored(input.challenger, input.outcomes);
  const name = definedMetric(metric, [champion, challenger]);
  const [ofChampion, ofChallenger] = bootstrapMetric(
    name,
    [champion, challenger],
    seed,
    Math.ceil(RESAMPLES_BEYOND / levelOf(confidence)),
  );
  const metrics = { champion: metricsOf(champion), challenger: metricsOf(challenger) };
  const values = {
    champion: valueOf(name, metrics.champion),
    challenger: valueOf(name, metrics.challenger),
  };
  const gain = pairedGain({
    metric: name,
    champion,
    challenger,
    replicates: { champion: ofChampion, challenger: ofChallenger },
    values,
    bound: margin === 0 ? 0 : -margin,
    confidence,
  });
  const groups = groupsOf(champion, challenger, {
    tolerance: input.harmTolerance ?? DEFAULT_HARM_TOLERANCE,
    confidence,
    segments: input.segments ?? [],
    classes: input.outcomes.kind === 'classification' ? input.outcomes.classes : [],
  });
  const power = powerOf(gain, champion.rows, margin, confidence);
  const measured = {
    rows: champion.rows,
    metric: name,
    champion: estimateOf({ name, value: values.champion }, ofChampion, confidence),
    challenger: estimateOf({ name, value: values.challenger }, ofChallenger, confidence),
    gain: { value: gain.value, low: gain.low, high: gain.high },
    margin,
    test: gain.test,
    ...(power !== undefined && { power }),
    ...(groups.length > 0 && { groups }),
  };
  const breach = breachesOf(metrics.challenger, input.thresholds)[0];
  const missed = missedGain(metrics.champion, metrics.challenger, input.minimumGains ?? {});
  return { ...measured, ...judge(measured, { breach, missed, confidence }) };
}

/** One-sided, of a two-sided confidence. */
function levelOf(confidence: number): number {
  return (1 - confidence) / 2;
}

/**
 * What so many rows can show: a gain of (z_{1−α} + z_{power}) standard errors above the bound, which shrink with √n,
 * with α = (1 − confidence) ÷ 2.
 * @see Chow, Shao & Wang (2008), Sample Size Calculations in Clinical Research, ch. 1
 */
function powerOf(
  { value, deviation }: PairedGain,
  rows: number,
  margin: number,
  confidence: number,
): GatePower | undefined {
  if (!(deviation > 0)) return undefined;
  const reach = -normalQuantile(levelOf(confidence)) - normalQuantile(1 - POWER);
  const detectable = reach * deviation - margin;
  if (value <= -margin) return { detectable };
  const needed = rows * ((reach * deviation) / (value + margin)) ** 2;
  return { detectable, rowsNeeded: Number(Math.max(2, needed).toPrecision(2)) };
}
