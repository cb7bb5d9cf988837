import type { breachesOf } from '../metrics/evaluate.ts';
import { METRIC_DIRECTION, METRIC_WORDS } from '../metrics/evaluation.ts';
import type { Comparison, GateTest, GroupComparison } from '../metrics/evaluation.ts';
import type { MissedGain } from './minimum-gain.ts';
import { GROUP_MIN_ROWS } from './no-harm.ts';

/** On fewer rows a model can be better on all of them by luck. */
const GATE_MIN_ROWS = 30;

/** A comparison before its verdict. */
export interface Measured extends Omit<Comparison, 'verdict' | 'reason'> {
  readonly test: GateTest;
}

export interface Found {
  readonly breach: ReturnType<typeof breachesOf>[number] | undefined;
  readonly missed: MissedGain | undefined;
  /** two-sided, of the interval of the gain */
  readonly confidence: number;
}

/** The verdict on what was measured, with one sentence for people. The first reason against promotion counts. */
export function judge(
  measured: Measured,
  { breach, missed, confidence }: Found,
): Pick<Comparison, 'verdict' | 'reason'> {
  const { rows, gain, margin, test, groups = [] } = measured;
  const scores = scoresInWords(measured, confidence);
  const refuse = (reason: string): Pick<Comparison, 'verdict' | 'reason'> => ({
    verdict: 'refuse',
    reason,
  });
  const undecided = (reason: string): Pick<Comparison, 'verdict' | 'reason'> => ({
    verdict: 'undecided',
    reason,
  });
  if (breach !== undefined) {
    const limit =
      METRIC_DIRECTION[breach.metric] === 'higher' ? 'below its minimum' : 'above its maximum';
    return refuse(
      `The challenger's ${METRIC_WORDS[breach.metric]} is ${figure(breach.value)}, ${limit} of ${figure(breach.threshold)}.`,
    );
  }
  if (gain.value <= -margin) {
    const than = margin > 0 ? `within ${figure(margin)} of the champion` : 'better';
    return refuse(`The challenger is not ${than}: ${scores}.`);
  }
  if (missed !== undefined) {
    return refuse(
      `The challenger's gain is too small: ${METRIC_WORDS[missed.metric]} ${figure(missed.after)} against ${figure(missed.before)}, asked for is a gain of ${figure(missed.required)}.`,
    );
  }
  const harmed = groups.find(({ verdict }) => verdict === 'harmed');
  if (harmed !== undefined) {
    return refuse(`The challenger harms ${groupInWords(harmed)}, though overall ${scores}.`);
  }
  if (rows < GATE_MIN_ROWS) {
    return undecided(`${rows} rows are too few to tell (at least ${GATE_MIN_ROWS}): ${scores}.`);
  }
  if (gain.low <= -margin || test.pValue > (1 - confidence) / 2) {
    return undecided(`The challenger may be better by chance: ${scores}${powerInWords(measured)}.`);
  }
  const unproven = groups.find(({ kind, verdict }) => kind === 'segment' && verdict !== 'unharmed');
  if (unproven !== undefined) {
    return undecided(
      `The challenger is not shown to spare ${groupInWords(unproven)}, though overall ${scores}.`,
    );
  }
  const as = margin > 0 ? `not worse by more than ${figure(margin)}` : 'better';
  return {
    verdict: 'promote',
    reason: `The challenger is ${as}: ${scores}${untold(groups)}.`,
  };
}

/** e.g. `accuracy 0.871 against 0.842 on 1200 rows, gain 0.029 (95 % interval 0.011 to 0.047, McNemar p = 0.0008)` */
function scoresInWords(measured: Measured, confidence: number): string {
  const { metric, champion, challenger, rows, gain, test } = measured;
  const percent = Number((100 * confidence).toPrecision(4));
  return (
    `${METRIC_WORDS[metric]} ${figure(challenger.value)} against ${figure(champion.value)} on ${rows} rows, ` +
    `gain ${figure(gain.value)} (${percent} % interval ${figure(gain.low)} to ${figure(gain.high)}, ${TEST_WORDS[test.name]} p = ${pInWords(test.pValue)})`
  );
}

const TEST_WORDS: Readonly<Record<GateTest['name'], string>> = {
  mcnemar: 'McNemar',
  delong: 'DeLong',
  bootstrap: 'bootstrap',
};

const MEASURE_WORDS: Readonly<Record<GroupComparison['measure'], string>> = {
  f1: 'F1',
  accuracy: 'accuracy',
  rmse: 'RMSE',
};

/** e.g. `segment NY (12 rows are too few to tell)`, `class b (F1 0.61 against 0.72 on 140 rows)` */
function groupInWords(group: GroupComparison): string {
  const { kind, name, rows, measure, champion, challenger, verdict, tolerance } = group;
  if (verdict === 'too few') {
    return `${kind} ${name} (${rows} rows are too few to tell, at least ${GROUP_MIN_ROWS} are needed)`;
  }
  const tolerated =
    verdict === 'unclear' ? `, a loss of ${figure(tolerance)} is not ruled out` : '';
  return `${kind} ${name} (${MEASURE_WORDS[measure]} ${figure(challenger)} against ${figure(champion)} on ${rows} rows${tolerated})`;
}

function powerInWords({ power }: Measured): string {
  return power?.rowsNeeded === undefined
    ? ''
    : `; about ${power.rowsNeeded} rows would tell with a power of 80 %`;
}

/** Classes that are too small to be looked at are named, not passed over in silence. */
function untold(groups: readonly GroupComparison[]): string {
  const small = groups.filter(({ verdict }) => verdict === 'too few');
  if (small.length === 0) return '';
  const more = small.length === 1 ? '' : ` and ${small.length - 1} more`;
  return `; class ${small[0].name}${more}: too few rows to tell of harm`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function pInWords(p: number): string {
  return p < 0.0001 ? p.toExponential(0) : String(Number(p.toPrecision(2)));
}
