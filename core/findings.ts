/** Evidence in words, with figures in as many digits as tell them apart. */
import type { Evidence } from './evidence.ts';
import { isEstimated, type PerformanceEstimate } from './drift/label-free/estimate.ts';
import type { Degradation, MetricVote } from './drift/rules/calmops-performance.ts';
import { describeTogether } from './drift/together-finding.ts';
import {
  METRIC_DIRECTION,
  METRIC_WORDS,
  type BaselineRows,
  type Comparison,
  type MetricEstimate,
  type MetricName,
  type Performance,
  type ThresholdBreach,
} from './models/metrics/evaluation.ts';

/**
 * What was found on a file, as the beginning of a sentence.
 * @param worse whether the champion is significantly worse than when it was chosen
 */
export function describeFindings(evidence: Evidence, worse: boolean): string {
  const { performance, drift, degradation = null } = evidence;
  const describeScores = (of: Performance): string =>
    degradation === null ? describePerformance(of, worse) : describeVotes(of, degradation);
  const parts = [
    ...(performance === null ? [] : [describeScores(performance)]),
    ...(drift === null ? [] : [describeDrift(drift)]),
  ];
  return capitalised(parts.length === 0 ? 'nothing could be compared' : parts.join(' and '));
}

/** For instance `4 of 8 columns changed, most of all nswprice`. */
export function describeDrift(drift: NonNullable<Evidence['drift']>): string {
  const { materialCount, material, testedColumns, insufficient } = drift;
  const few = insufficient === 0 ? '' : ` (${insufficient} had too few values to compare)`;
  if (testedColumns === 0) return `no column could be compared${few}`;
  if (materialCount === 0 && drift.together?.material === true) {
    return `the columns together changed (${describeTogether(drift.together)}), though none by itself${few}`;
  }
  if (materialCount === 0) {
    return testedColumns === 1
      ? `the one column compared did not change${few}`
      : `none of ${testedColumns} columns changed${few}`;
  }
  const columns = testedColumns === 1 ? 'column' : 'columns';
  const strongest = material[0];
  const most = materialCount === 1 ? `: ${strongest}` : `, most of all ${strongest}`;
  return `${materialCount} of ${testedColumns} ${columns} changed${few}${most}`;
}

/** For instance `accuracy 0.81 against 0.74`: the challenger's figure, then the champion's. */
export function describeComparison({ metric, champion, challenger }: Comparison): string {
  const [better, other] = distinguishable(challenger.value, champion.value);
  return `${METRIC_WORDS[metric]} ${better} against ${other}`;
}

/**
 * For instance `estimated accuracy fell to 0.71 (0.68 to 0.74) from 0.78 when it was chosen`.
 * @param worse whether it is credibly worse
 */
export function describeEstimate(estimate: PerformanceEstimate, worse: boolean): string {
  if (!isEstimated(estimate)) {
    return `how well the champion does on it could not be estimated (${estimate.reason})`;
  }
  const { metric, baseline } = estimate;
  const { name, value, low, high } = metric;
  const [now, before] = distinguishable(value, baseline);
  const decimals = now.split('.')[1]?.length ?? 0;
  const interval = `${low.toFixed(decimals)} to ${high.toFixed(decimals)}`;
  const verb = METRIC_DIRECTION[name] === 'higher' ? 'fell' : 'rose';
  return worse
    ? `estimated ${METRIC_WORDS[name]} ${verb} to ${now} (${interval}) from ${before} when it was chosen`
    : `estimated ${METRIC_WORDS[name]} is ${now} (${interval}) against ${before} when it was chosen`;
}

/** For instance `accuracy 0.81 (0.78 to 0.84)`. */
export function describeScore({ name, value, low, high }: MetricEstimate): string {
  const [from, to] = distinguishable(low, high);
  return `${METRIC_WORDS[name]} ${distinguishable(value, high)[0]} (${from} to ${to})`;
}

function describePerformance(performance: Performance, worse: boolean): string {
  const { current, baseline, pValue, breached } = performance;
  const { name } = current.primary;
  const [before, now] = distinguishable(baseline.primary.value, current.primary.value);
  const verb = METRIC_DIRECTION[name] === 'higher' ? 'fell' : 'rose';
  const change = worse
    ? `${METRIC_WORDS[name]} ${verb} from ${before} to ${now} (p ${describeP(pValue)}${ofRows(performance)})`
    : `${METRIC_WORDS[name]} is ${now} against ${before} before (p ${describeP(pValue)})`;
  return [change, ...breached.map((breach) => describeBreach(breach, name))].join(', ');
}

/** What a figure of before is of: who is told that the champion is worse will ask on how many rows it was better. */
function ofRows({ baselineOf }: Performance): string {
  return baselineOf === undefined ? '' : `, against ${describeBaseline(baselineOf)}`;
}

/** For instance `24 rows held out and 3 earlier files, 264 rows in all`. */
export function describeBaseline({ heldOut, files, fileRows }: BaselineRows): string {
  const held = `${heldOut} ${heldOut === 1 ? 'row' : 'rows'} held out`;
  if (files === 0) return held;
  const earlier = files === 1 ? 'one earlier file' : `${files} earlier files`;
  return `${held} and ${earlier}, ${heldOut + fileRows} rows in all`;
}

/** A rule that counts metrics asks no test, so that there is no p: which metrics count against the champion is said instead. */
function describeVotes(
  { current, baseline }: Performance,
  { absolute, relative }: Degradation,
): string {
  const [before, now] = distinguishable(baseline.primary.value, current.primary.value);
  const { length: metrics } = absolute.votes;
  const missed = absolute.votes.filter(({ flagged }) => flagged);
  const miss = missed.length > 1 ? 'miss their thresholds' : 'misses its threshold';
  const parts = [
    `${METRIC_WORDS[current.primary.name]} is ${now} against ${before} before`,
    `${countOf(missed)} of ${metrics} metrics ${miss}${listOf(missed)}`,
  ];
  if (relative !== null) {
    const lost = relative.votes.filter(({ flagged }) => flagged);
    const are = lost.length > 1 ? 'are' : 'is';
    const than = 'at least 30 % worse than the previous model’s';
    parts.push(`${countOf(lost)} of ${relative.votes.length} ${are} ${than}${listOf(lost)}`);
  }
  return parts.join(', ');
}

const countOf = ({ length }: readonly MetricVote[]): string =>
  length === 0 ? 'none' : String(length);

const listOf = (votes: readonly MetricVote[]): string =>
  votes.length === 0 ? '' : ` (${votes.map(describeVote).join(', ')})`;

/** For instance `accuracy 0.81 below 0.90`, or `accuracy 0.50 against 0.80` of the previous model. */
function describeVote({ metric, value, limit, previous }: MetricVote): string {
  const [found, other] = distinguishable(value, previous ?? limit);
  const side = METRIC_DIRECTION[metric] === 'higher' ? 'below' : 'above';
  return `${METRIC_WORDS[metric]} ${found} ${previous === undefined ? side : 'against'} ${other}`;
}

/** The value of the primary metric stands before it already. */
function describeBreach(
  { metric, value, threshold }: ThresholdBreach,
  primary: MetricName,
): string {
  const side = METRIC_DIRECTION[metric] === 'higher' ? 'below' : 'above';
  const [found, limit] = distinguishable(value, threshold);
  const subject = metric === primary ? '' : `${METRIC_WORDS[metric]} of ${found} is `;
  return `${subject}${side} its threshold of ${limit}`;
}

const FEWEST_DIGITS = 2;
const MOST_DIGITS = 6;

/** Two figures to the same decimals: two significant digits, or as many more as tell them apart. */
function distinguishable(a: number, b: number): readonly [string, string] {
  const magnitude = Math.floor(Math.log10(Math.max(Math.abs(a), Math.abs(b)) || 1));
  for (let digits = FEWEST_DIGITS; ; digits++) {
    const decimals = Math.min(100, Math.max(0, digits - 1 - magnitude));
    const texts = [a.toFixed(decimals), b.toFixed(decimals)] as const;
    if (texts[0] !== texts[1] || digits === MOST_DIGITS || a === b) return texts;
  }
}

/** `= 0.034`, `= 2e-9`; below the range of double precision `< 1e-300`. */
function describeP(pValue: number): string {
  if (pValue < 1e-300) return '< 1e-300';
  return `= ${pValue < 0.001 ? pValue.toExponential(0) : String(Number(pValue.toPrecision(2)))}`;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
