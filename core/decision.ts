import { shareFalseAlarms } from './drift/false-alarms.ts';
import { isEstimated } from './drift/label-free/estimate.ts';
import {
  describeComparison,
  describeDrift,
  describeEstimate,
  describeFindings,
} from './findings.ts';
import { METRIC_DIRECTION } from './models/metrics/evaluation.ts';
import type { Evidence } from './evidence.ts';

/** What a run does, and why in one sentence. */
export interface Decision {
  readonly action: Action;
  readonly reason: string;
}

export type Action = 'train' | 'keep' | 'retrain' | 'promote' | 'rollback' | 'predict' | 'withhold';

/**
 * What makes a retraining due.
 *
 * - `harm`: the champion is measurably worse than when it was chosen, that is its loss is significantly
 *   higher and its primary metric lower, whether or not the data drifted; or one of the pipeline's absolute
 *   thresholds does not hold, for who sets one has said what harm is. Drift that hurts nobody is shown and
 *   left alone.
 * - `performance`: an absolute threshold does not hold, whatever the uncertainty; nothing else counts.
 *   Without thresholds it never retrains.
 * - `drift`: a material change of a column, or of the columns together, whether or not it hurts.
 * - `any`: harm or drift.
 * - `never`: only a person's request retrains; nothing is rolled back either.
 *
 * By the rule of CalmOps for Python a threshold does not hold where half of the metrics miss theirs, and the
 * champion is worse where half of them are 30 % worse than the previous model's: nothing else is harm.
 */
export type RetrainOn = 'harm' | 'drift' | 'performance' | 'any' | 'never';

export interface DecisionPolicy {
  readonly retrainOn: RetrainOn;
  /**
   * Chance of any false alarm on a file, over its drift tests and the performance test together: each of
   * the two has half of it (see `shareFalseAlarms`). The performance test is of the estimate where there are no
   * labels: a file is asked one of the two. Thresholds are a person's word, not a test, and are
   * outside of the promise.
   */
  readonly falseAlarmRate: number;
}

/**
 * Decides what happens to a dataset file, in this order: what cannot be done otherwise (no model, no
 * labels), what a person asked for, prediction only, a challenger that was better beside the champion, going back to a
 * previous model that is better, and retraining where the policy finds it due and the breaker allows it.
 */
export function decide(evidence: Evidence, policy: DecisionPolicy): Decision {
  const { forced, previous, breaker } = evidence;
  if (!evidence.hasChampion) return decideWithoutChampion(evidence);
  if (!evidence.labelled) return decideWithoutLabels(evidence, policy);
  if (forced !== null) {
    const despite = breaker.kind === 'open' ? ', although the breaker is open' : '';
    return retrain(`${forced.by} asked for a retraining (${forced.why})${despite}`);
  }
  const worse = isWorse(evidence, policy);
  const findings = describeFindings(evidence, worse);
  if (evidence.shadow?.verdict === 'promote') {
    const reason = `${findings}; the challenger that ran beside the champion takes over`;
    return { action: 'promote', reason: `${reason} (${describeComparison(evidence.shadow)}).` };
  }
  if (evidence.predictionOnly) {
    return { action: 'predict', reason: `${findings}; the pipeline only predicts.` };
  }
  const harmed = worse || hasBreach(evidence);
  if (harmed && policy.retrainOn !== 'never' && previous?.verdict === 'promote') {
    const reason = `${findings}; the previous model takes over again, being better on this file`;
    return { action: 'rollback', reason: `${reason} (${describeComparison(previous)}).` };
  }
  if (isDue(evidence, policy.retrainOn, worse)) return decideDue(evidence, findings);
  const hasFindings = harmed || hasDrift(evidence);
  const { retrainOn } = policy;
  const why = hasFindings && retrainOn !== 'any' ? `, since ${whyNotDue(retrainOn, evidence)}` : '';
  return { action: 'keep', reason: `${findings}; the champion stays${why}.` };
}

function decideWithoutChampion({ labelled, predictionOnly, forced }: Evidence): Decision {
  if (!labelled) {
    const reason = 'There is no model yet, and a first one needs labels: this file has none.';
    return { action: 'withhold', reason };
  }
  if (forced !== null) {
    return { action: 'train', reason: `${forced.by} asked for a first model (${forced.why}).` };
  }
  if (predictionOnly) {
    const reason = 'There is no model yet, and the pipeline only predicts: it trains none itself.';
    return { action: 'withhold', reason };
  }
  return { action: 'train', reason: 'There is no model yet; the first one is trained.' };
}

/** Nothing can be trained, so that the sentence says what would be due. */
function decideWithoutLabels(evidence: Evidence, policy: DecisionPolicy): Decision {
  const { drift, estimated = null, forced, predictionOnly } = evidence;
  const worse = isEstimatedWorse(evidence, policy);
  const parts = [
    ...(estimated === null ? [] : [describeEstimate(estimated, worse)]),
    ...(drift === null ? [] : [describeDrift(drift)]),
  ];
  const findings = parts.length === 0 ? '' : `${parts.join(' and ')}; `;
  const isWanted = !predictionOnly && isDueWithoutLabels(evidence, policy.retrainOn, worse);
  const wish =
    forced !== null
      ? `, and the retraining that ${forced.by} asked for waits for labels`
      : isWanted
        ? '; labels are needed to retrain'
        : '';
  return {
    action: 'predict',
    reason: `The file has no labels; ${findings}the champion predicts${wish}.`,
  };
}

/** Thresholds are for what was measured: an estimate breaks none. */
function isDueWithoutLabels(evidence: Evidence, retrainOn: RetrainOn, worse: boolean): boolean {
  switch (retrainOn) {
    case 'harm':
      return worse;
    case 'drift':
      return hasDrift(evidence);
    case 'any':
      return worse || hasDrift(evidence);
    case 'performance':
    case 'never':
      return false;
  }
}

function decideDue({ breaker, resting = null }: Evidence, findings: string): Decision {
  if (breaker.kind !== 'open' && resting !== null) {
    const reason = `${findings}; retraining is due but withheld, since ${resting}`;
    return { action: 'withhold', reason: `${reason}.` };
  }
  switch (breaker.kind) {
    case 'closed':
      return retrain(`${findings}; a challenger is trained`);
    case 'half-open':
      return retrain(`${findings}; a challenger is trained as a probe of the half-open breaker`);
    case 'open': {
      const reason = `${findings}; retraining is due but withheld, since the breaker is open`;
      return { action: 'withhold', reason: `${reason} (${breaker.reason.replace(/\.$/, '')}).` };
    }
  }
}

const retrain = (reason: string): Decision => ({ action: 'retrain', reason: `${reason}.` });

function isDue(evidence: Evidence, retrainOn: RetrainOn, worse: boolean): boolean {
  switch (retrainOn) {
    case 'harm':
      return worse || hasBreach(evidence);
    case 'performance':
      return hasBreach(evidence);
    case 'drift':
      return hasDrift(evidence);
    case 'any':
      return worse || hasBreach(evidence) || hasDrift(evidence);
    case 'never':
      return false;
  }
}

/** Why something was found and yet no retraining is due. */
const WHY_NOT_DUE: Readonly<Record<Exclude<RetrainOn, 'any'>, string>> = {
  harm: 'no harm to it is shown',
  performance: 'no threshold is breached',
  drift: 'only drift retrains it',
  never: 'this pipeline never retrains by itself',
};

function whyNotDue(retrainOn: keyof typeof WHY_NOT_DUE, { degradation = null }: Evidence): string {
  return retrainOn === 'performance' && degradation !== null
    ? 'fewer than half of the metrics miss their thresholds'
    : WHY_NOT_DUE[retrainOn];
}

function isWorse(evidence: Evidence, { falseAlarmRate }: DecisionPolicy): boolean {
  const { performance, degradation = null } = evidence;
  if (degradation !== null) return degradation.relative?.degraded === true;
  if (performance === null) return false;
  return performance.drop > 0 && performance.pValue <= shareFalseAlarms(falseAlarmRate).performance;
}

/**
 * Credibly worse: the losses expected of the rows are significantly larger than those of the held-out rows, and the
 * baseline is outside of the interval of the estimate, which allows for the sampling error of both.
 */
function isEstimatedWorse({ estimated }: Evidence, { falseAlarmRate }: DecisionPolicy): boolean {
  if (!isEstimated(estimated) || estimated.drop <= 0) return false;
  const { metric, baseline, pValue } = estimated;
  const isOutside =
    METRIC_DIRECTION[metric.name] === 'higher' ? metric.high < baseline : metric.low > baseline;
  return isOutside && pValue <= shareFalseAlarms(falseAlarmRate).performance;
}

const hasBreach = ({ performance, degradation = null }: Evidence): boolean =>
  degradation === null ? (performance?.breached.length ?? 0) > 0 : degradation.absolute.degraded;

const hasDrift = ({ drift }: Evidence): boolean =>
  (drift?.materialCount ?? 0) > 0 || drift?.together?.material === true;
