import type { JointTest, JointTestName, Together } from './report.ts';

/** What the columns together showed, in one line: of the test that decides with the strongest change. */
export interface TogetherFinding {
  readonly test: JointTestName;
  /** area under the ROC curve of the domain classifier; D of the errors of the PCA reconstruction */
  readonly statistic: number;
  readonly adjustedPValue: number;
  readonly material: boolean;
  /** the columns that carry most of the change, at most 3, largest share first; empty where there is none to share */
  readonly columns: readonly string[];
}

const MOST_COLUMNS = 3;

/** Null where no deciding test could be made. */
export function findTogether(together: Together | null | undefined): TogetherFinding | null {
  const found = (together?.tests ?? []).flatMap(findingOf);
  const strongest = found.toSorted(
    (a, b) => Number(b.finding.material) - Number(a.finding.material) || b.strength - a.strength,
  );
  return strongest.length === 0 ? null : strongest[0].finding;
}

function findingOf({
  test,
  outcome,
}: JointTest): readonly { readonly finding: TogetherFinding; readonly strength: number }[] {
  if (outcome.kind !== 'tested' || outcome.decision === null) return [];
  const { statistic, attribution, decision } = outcome;
  const { adjustedPValue, material, effect } = decision;
  const columns = attribution.slice(0, MOST_COLUMNS).map(({ column }) => column);
  const finding = { test, statistic, adjustedPValue, material, columns };
  // Both effects are differences of probabilities, under one threshold.
  return [{ finding, strength: effect.value }];
}

/** For instance `domain classifier AUC 0.71`. */
export function describeTogether({ test, statistic }: TogetherFinding): string {
  return `${test} ${test === 'domain classifier' ? 'AUC' : 'D'} ${statistic.toFixed(2)}`;
}
