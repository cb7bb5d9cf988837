import { bootstrapMetric, percentileInterval } from './bootstrap.ts';
import { breachesOf, definedMetric, estimateOf, requireConfidence } from './evaluate.ts';
import type { Thresholds } from './evaluate.ts';
import { METRIC_DIRECTION, METRIC_WORDS } from './evaluation.ts';
import type { Comparison, MetricName } from './evaluation.ts';
import { metricsOf } from './metrics.ts';
import type { Outcomes, Predictions } from './model.ts';
import { scored } from './scored.ts';

/** On fewer rows a resample says too little about chance: a model can be right on all of them by luck. */
const GATE_MIN_ROWS = 30;

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
  readonly seed: number;
}

/**
 * The gate: is the challenger shown to be better than the champion?
 *
 * Both are scored on the same resamples of the same rows (paired bootstrap), which takes out how hard the rows
 * are. `promote` when the interval of the gain lies above 0 (above −margin where one is given) and the
 * thresholds hold; `refuse` when a threshold is broken or the challenger does not score above that bound at all;
 * `undecided` when it scores above it, but by so little or on so few rows that chance would do.
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
  const [ofChampion, ofChallenger] = bootstrapMetric(name, [champion, challenger], seed);
  const sign = METRIC_DIRECTION[name] === 'higher' ? 1 : -1;

  const before = estimateOf(name, champion, ofChampion, confidence);
  const after = estimateOf(name, challenger, ofChallenger, confidence);
  const gains = ofChallenger.map((value, r) => sign * (value - ofChampion[r]));
  const value = sign * (after.value - before.value);
  const gain =
    gains.length === 0
      ? { value, low: value, high: value }
      : { value, ...percentileInterval(gains, confidence) };
  const comparison = {
    rows: champion.rows,
    metric: name,
    champion: before,
    challenger: after,
    gain,
    margin,
  };
  const breach = breachesOf(metricsOf(challenger), input.thresholds)[0];
  return { ...comparison, ...judge(comparison, breach, confidence) };
}

type Measured = Omit<Comparison, 'verdict' | 'reason'>;
type Judgement = Pick<Comparison, 'verdict' | 'reason'>;

function judge(
  measured: Measured,
  breach: ReturnType<typeof breachesOf>[number] | undefined,
  confidence: number,
): Judgement {
  const { rows, gain, margin } = measured;
  const scores = scoresInWords(measured, confidence);
  if (breach !== undefined) {
    const limit =
      METRIC_DIRECTION[breach.metric] === 'higher' ? 'below its minimum' : 'above its maximum';
    return {
      verdict: 'refuse',
      reason: `The challenger's ${METRIC_WORDS[breach.metric]} is ${figure(breach.value)}, ${limit} of ${figure(breach.threshold)}.`,
    };
  }
  if (gain.value <= -margin) {
    const than = margin > 0 ? `within ${figure(margin)} of the champion` : 'better';
    return { verdict: 'refuse', reason: `The challenger is not ${than}: ${scores}.` };
  }
  if (rows < GATE_MIN_ROWS) {
    return {
      verdict: 'undecided',
      reason: `${rows} rows are too few to tell (at least ${GATE_MIN_ROWS}): ${scores}.`,
    };
  }
  if (gain.low > -margin) {
    const as = margin > 0 ? `not worse by more than ${figure(margin)}` : 'better';
    return { verdict: 'promote', reason: `The challenger is ${as}: ${scores}.` };
  }
  return {
    verdict: 'undecided',
    reason: `The challenger may be better by chance: ${scores}; about ${rowsNeeded(measured)} rows would tell.`,
  };
}

/** e.g. `accuracy 0.871 against 0.842 on 1200 rows, gain 0.029 (95 % interval 0.011 to 0.047)` */
function scoresInWords(measured: Measured, confidence: number): string {
  const { metric, champion, challenger, rows, gain } = measured;
  const percent = Number((100 * confidence).toPrecision(4));
  return (
    `${METRIC_WORDS[metric]} ${figure(challenger.value)} against ${figure(champion.value)} on ${rows} rows, ` +
    `gain ${figure(gain.value)} (${percent} % interval ${figure(gain.low)} to ${figure(gain.high)})`
  );
}

/** The rows on which the same gain would be beyond chance, as intervals shrink with √n; two significant digits. */
function rowsNeeded({ rows, gain, margin }: Measured): number {
  const needed = rows * ((gain.value - gain.low) / (gain.value + margin)) ** 2;
  return Number(Math.max(rows + 1, needed).toPrecision(2));
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
