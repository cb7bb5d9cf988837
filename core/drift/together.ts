import { deriveSeed } from '../random.ts';
import { columnOf, type Column, type Table } from '../table.ts';
import { inCanonicalOrder } from './canonical-order.ts';
import { withLearnedSpread, type DesignEffect } from '../stats/design-effect.ts';
import type { DependentRows } from './multivariate/dependent-rows.ts';
import { domainClassifierTest } from './multivariate/domain-classifier.ts';
import { encodeRows, type PointPair } from './multivariate/encode-rows.ts';
import { energyTest } from './multivariate/energy.ts';
import { mmdTest } from './multivariate/mmd.ts';
import { pcaReconstructionTest } from './multivariate/pca-reconstruction.ts';
import type { MultivariateTest } from './multivariate/result.ts';
import type { NotApplicable } from '../stats/two-sample.ts';
import type { Effect, JointOutcome, JointTest, JointTestName, Together } from './report.ts';

export interface TogetherOptions {
  /** numeric and categorical columns of both tables, in the same kind, at least one */
  readonly columns: readonly string[];
  /** where rows resemble their neighbours; absent: rows are independent */
  readonly dependent?: Dependent | undefined;
  /** of the family: above it no test is significant, and columns are given no shares */
  readonly level: number;
  /** from which a significant change is material: AUC above ½, D of the errors above chance */
  readonly threshold: number;
  /** fewer rows than this of either table are not tested */
  readonly minRows: number;
}

type Dependent = DependentRows & Pick<DesignEffect, 'freedom'>;

/** What was found over columns together, before the correction over the family. */
export interface ExaminedTogether extends Omit<Together, 'tests' | 'material'> {
  readonly tests: readonly ExaminedJointTest[];
}

export interface ExaminedJointTest extends Omit<JointTest, 'outcome'> {
  readonly outcome: ExaminedOutcome;
}

type ExaminedOutcome =
  | Exclude<JointOutcome, { kind: 'tested' }>
  | (Omit<Extract<JointOutcome, { kind: 'tested' }>, 'decision'> & {
      /** null where the test does not decide */
      readonly effect: Effect | null;
    });

/** Share of the variance that the components hold: more finds broken correlations among many columns. */
const EXPLAINED = 0.9;
const SHOWN_PERMUTATIONS = 199;
/** Rows of each sample for the energy test, whose cost is quadratic in them. */
const ENERGY_ROWS = 400;
const MOST_SHARES = 10;
const SEED = 1;

/**
 * Tests the columns of two tables together: finds changed dependence, as a correlation that turns, where each
 * column's own distribution is as before.
 *
 * Two tests decide. The domain classifier finds whatever boosted trees can, the PCA reconstruction finds broken
 * linear dependence among many columns with the least rows; each has the most power where the other has little.
 * Their p-values are not drawn and so can reach any level. MMD and the energy distance find less than these
 * wherever the change is large enough to matter, and are shown beside them.
 *
 * An error in one test is its outcome and leaves the others alone. The order of the rows does not matter unless those
 * of the reference depend on each other. Then both tests take halves of neighbouring rows, and their p-values are
 * those of fewer rows.
 *
 * @param reference at most some thousands of rows, drawn at random
 * @param current likewise
 */
export function examineTogether(
  reference: Table,
  current: Table,
  options: TogetherOptions,
): ExaminedTogether {
  const { dependent } = options;
  const ordered = dependent === undefined ? inCanonicalOrder : (table: Table) => table;
  const before = ordered(pick(reference, options.columns));
  const now = ordered(pick(current, options.columns));
  const head = {
    columns: options.columns,
    referenceRows: before.rows,
    currentRows: now.rows,
  };
  const rows = Math.min(before.rows, now.rows);
  const few = tooFew(options.columns.length, rows, options.minRows);
  if (few !== null) {
    const outcome = { kind: 'insufficient', reason: few } as const;
    return { ...head, tests: TESTS.map((own) => ({ ...own, outcome })) };
  }
  // Encoded by the first test that needs it, so that an error in it is that test's.
  let encoded: PointPair | undefined;
  const pair = (): PointPair =>
    (encoded ??= encodeRows(before, now, options.columns, {
      maxRows: Infinity,
      seed: SEED,
      inOrder: dependent !== undefined,
    }));
  const deciding = [
    attempt('domain classifier', true, () => classify(before, now, options)),
    attempt('PCA reconstruction', true, () => reconstruct(pair(), options)),
  ];
  const suspicious = deciding.some(
    ({ outcome }) => outcome.kind !== 'tested' || outcome.pValue <= options.level,
  );
  return {
    ...head,
    tests: [
      ...deciding,
      ...(dependent !== undefined
        ? notNeeded('their permutations are for independent rows')
        : suspicious
          ? shown(before, now, pair, options)
          : notNeeded(`the tests that decide have p above ${options.level}`)),
    ],
  };
}

const TESTS: readonly Omit<JointTest, 'outcome'>[] = [
  { test: 'domain classifier', decides: true },
  { test: 'PCA reconstruction', decides: true },
  { test: 'maximum mean discrepancy', decides: false },
  { test: 'energy distance', decides: false },
];

function tooFew(columns: number, rows: number, minRows: number): string | null {
  if (columns < 2) return `2 columns are needed, ${columns} could be compared`;
  if (rows < minRows) return `too few rows: ${rows}, ${minRows} are needed`;
  return null;
}

function attempt(
  test: JointTestName,
  decides: boolean,
  run: () => ExaminedOutcome,
): ExaminedJointTest {
  try {
    return { test, decides, outcome: run() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { test, decides, outcome: { kind: 'failed', reason } };
  }
}

function classify(before: Table, now: Table, options: TogetherOptions): ExaminedOutcome {
  const result = domainClassifierTest(before, now, options.columns, {
    seed: SEED,
    attributeUpTo: options.level,
    dependent: options.dependent,
  });
  return outcomeOf(withSpread(result, options.dependent), options.level, ({ statistic }) => ({
    name: 'AUC above ½',
    value: Math.max(0, statistic - 0.5),
    threshold: options.threshold,
  }));
}

function reconstruct(pair: PointPair, options: TogetherOptions): ExaminedOutcome {
  const { dependent } = options;
  const result = pcaReconstructionTest(pair, { seed: SEED, explained: EXPLAINED, dependent });
  return outcomeOf(withSpread(result, dependent), options.level, ({ statistic, effective }) => ({
    name: 'D of the errors above chance',
    value: Math.max(0, statistic - expectedDistance(effective.n, effective.m)),
    threshold: options.threshold,
  }));
}

const withSpread = <T extends MultivariateTest>(
  result: T | NotApplicable,
  dependent: Dependent | undefined,
): T | NotApplicable =>
  result.kind === 'not applicable' || dependent === undefined
    ? result
    : { ...result, pValue: withLearnedSpread(result.pValue, dependent) };

function shown(
  before: Table,
  now: Table,
  pair: () => PointPair,
  options: TogetherOptions,
): readonly ExaminedJointTest[] {
  const drawn = {
    permutations: SHOWN_PERMUTATIONS,
    attributeUpTo: options.level,
  };
  return [
    attempt('maximum mean discrepancy', false, () =>
      outcomeOf(mmdTest(pair(), { ...drawn, seed: deriveSeed(SEED, 1) }), options.level),
    ),
    attempt('energy distance', false, () => {
      const seed = deriveSeed(SEED, 2);
      const some = encodeRows(before, now, options.columns, { maxRows: ENERGY_ROWS, seed });
      return outcomeOf(energyTest(some, { ...drawn, seed }), options.level);
    }),
  ];
}

function notNeeded(reason: string): readonly ExaminedJointTest[] {
  return TESTS.filter(({ decides }) => !decides).map((own) => ({
    ...own,
    outcome: { kind: 'not needed', reason },
  }));
}

function outcomeOf<T extends MultivariateTest>(
  result: T | NotApplicable,
  level: number,
  effectOf: ((result: T) => Effect) | null = null,
): ExaminedOutcome {
  if (result.kind === 'not applicable') return { kind: 'insufficient', reason: result.reason };
  const { statistic, n, m, pValue } = result;
  const attribution = result.attribution
    .filter(({ share }) => pValue <= level && share > 0)
    .toSorted((a, b) => b.share - a.share)
    .slice(0, MOST_SHARES)
    .map(({ column, share }) => ({ column, share }));
  const effect = effectOf === null ? null : effectOf(result);
  return { kind: 'tested', statistic, n, m, pValue, effect, attribution };
}

/** Mean of Kolmogorov's distribution: √(π/2) · ln 2. */
const KOLMOGOROV_MEAN = 0.8687311606361592;

/** Mean of Kolmogorov–Smirnov's D of two samples of one continuous distribution, for large n and m. */
const expectedDistance = (n: number, m: number): number =>
  KOLMOGOROV_MEAN * Math.sqrt((n + m) / (n * m));

function pick(table: Table, names: readonly string[]): Table {
  return { rows: table.rows, columns: names.map((name): Column => columnOf(table, name)) };
}
