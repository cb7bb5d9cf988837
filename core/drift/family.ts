import { benjaminiHochberg, weightedHolm } from '../stats/corrections.ts';
import type { RawChange } from './compare.ts';
import { shareFalseAlarms, TOGETHER_SHARE } from './false-alarms.ts';
import type { Change, Effect, JointOutcome, JointTest, Together } from './report.ts';
import type { ExaminedJointTest, ExaminedTogether } from './together.ts';

/** All hypotheses of a file, corrected as one family. */
export interface Family {
  readonly changes: ReadonlyMap<RawChange, Change>;
  readonly together: Together | null;
  /** hypotheses tested */
  readonly tests: number;
  /** the p-value of the file, see `DriftReport` */
  readonly filePValue: number | null;
}

/**
 * Corrects all hypotheses of a file together by Holm's method with weights: the deciding tests over columns
 * together have their share of the level (`TOGETHER_SHARE`), the columns' hypotheses the rest in equal parts.
 * What the tests together could not use for want of rows or columns goes back to the columns. What an error took
 * does not: whether a test fails may depend on the data, as no weight may.
 *
 * @param changes of the columns
 * @param falseAlarmRate of the file; the chance of any significant change in a file without drift is at most the
 *   share of it that drift has
 */
export function correctFamily(
  changes: readonly RawChange[],
  together: ExaminedTogether | null,
  falseAlarmRate: number,
): Family {
  const level = shareFalseAlarms(falseAlarmRate).drift;
  const deciding = (together?.tests ?? []).filter(
    ({ decides, outcome }) => decides && outcome.kind !== 'insufficient',
  );
  const columnPValues = changes.map(({ pValue }) => pValue);
  const jointWeight = (changes.length * TOGETHER_SHARE) / (1 - TOGETHER_SHARE) / JOINT_HYPOTHESES;
  const adjusted = weightedHolm(
    [...columnPValues, ...deciding.map(pValueOf)],
    [...columnPValues.map(() => 1), ...deciding.map(() => jointWeight)],
  );
  const falseDiscoveryRates = benjaminiHochberg(columnPValues);
  const corrected = changes.map((raw, index): Change => ({
    ...raw,
    adjustedPValue: adjusted[index],
    falseDiscoveryRate: falseDiscoveryRates[index],
    ...verdict(adjusted[index], raw.effect, level),
  }));
  const tests = (together?.tests ?? []).map((own) => {
    const place = deciding.indexOf(own);
    return decided(own, place < 0 ? null : adjusted[changes.length + place], level);
  });
  const decisions = tests.flatMap(decisionsOf);
  const large = [...corrected, ...decisions].filter(
    ({ effect }) => effect.value >= effect.threshold,
  );
  const count = changes.length + decisions.length;
  return {
    changes: new Map(changes.map((raw, index) => [raw, corrected[index]])),
    together:
      together === null
        ? null
        : { ...together, tests, material: decisions.some(({ material }) => material) },
    tests: count,
    filePValue:
      count === 0
        ? null
        : large.reduce((least, { adjustedPValue }) => Math.min(least, adjustedPValue), 1),
  };
}

/** Tests over columns together that decide: the domain classifier and the PCA reconstruction. */
const JOINT_HYPOTHESES = 2;

type Decision = NonNullable<Extract<JointOutcome, { kind: 'tested' }>['decision']>;

const pValueOf = ({ outcome }: ExaminedJointTest): number =>
  outcome.kind === 'tested' ? outcome.pValue : 1;

function decided(
  { test, decides, outcome }: ExaminedJointTest,
  adjustedPValue: number | null,
  level: number,
): JointTest {
  if (outcome.kind !== 'tested') return { test, decides, outcome };
  const { effect, ...figures } = outcome;
  const decision =
    effect === null || adjustedPValue === null
      ? null
      : { adjustedPValue, effect, ...verdict(adjustedPValue, effect, level) };
  return { test, decides, outcome: { ...figures, decision } };
}

const decisionsOf = ({ outcome }: JointTest): readonly Decision[] =>
  outcome.kind === 'tested' && outcome.decision !== null ? [outcome.decision] : [];

function verdict(
  adjustedPValue: number,
  effect: Effect,
  level: number,
): { readonly significant: boolean; readonly material: boolean } {
  const significant = adjustedPValue <= level;
  return { significant, material: significant && effect.value >= effect.threshold };
}

/** The changes of a report over columns together that are significant, with their effects. */
export function significantTogether(together: Together | null): readonly Decision[] {
  return (together?.tests ?? []).flatMap(decisionsOf).filter(({ significant }) => significant);
}
