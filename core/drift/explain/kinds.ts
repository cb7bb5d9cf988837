import type { FeatureSchema } from '../../models/model.ts';
import { createRandom, deriveSeed } from '../../random.ts';
import { chiSquareHomogeneity } from '../../stats/chi-square.ts';
import { holm } from '../../stats/corrections.ts';
import { ksTwoSample } from '../../stats/ks.ts';
import { randomRows } from '../../stats/permutation.ts';
import { columnOf, takeRows } from '../../table.ts';
import type { Column, Table } from '../../table.ts';
import { stackTables } from '../multivariate/stack-tables.ts';
import { expectedValues } from './expected.ts';
import { compareMatched } from './matched.ts';
import type { MatchedComparison } from './matched.ts';
import { propensityOf } from './propensity.ts';
import type { RowErrors } from './row-errors.ts';

/** A change taken apart: of the inputs, of the outcomes, and of what follows from what. JSON-safe. */
export interface KindsOfChange {
  /** rows of each sample that were looked at */
  readonly referenceRows: number;
  readonly currentRows: number;
  /** P(X): can old and new rows be told apart by their inputs? The statistic is the area under the ROC curve. */
  readonly covariate: PartOfChange;
  /** P(y): are the outcomes spread otherwise? The statistic is D of Kolmogorov–Smirnov or χ². */
  readonly label: PartOfChange;
  /** P(y|X), as far as the champion's errors at like inputs show it; null where hardly any inputs are alike */
  readonly concept: ConceptChange | null;
  /** all three in one sentence */
  readonly words: string;
}

export interface PartOfChange {
  readonly statistic: number;
  /** Holm-adjusted over the three parts */
  readonly pValue: number;
  readonly changed: boolean;
}

export interface ConceptChange {
  /** Holm-adjusted over the three parts */
  readonly pValue: number;
  readonly changed: boolean;
  /** mean loss of current rows, and what it would be if outcomes followed from inputs as before */
  readonly loss: number;
  readonly expectedLoss: number;
  /** mean signed error at like inputs now, less that of before: above 0, outcomes are larger than the champion thinks */
  readonly bias: number;
  /** share of the current rows that have reference rows like them; only these are compared */
  readonly overlap: number;
}

/** Rows with outcomes, and how the champion erred on them; it must not have been trained on any. */
export interface JudgedRows {
  readonly table: Table;
  readonly errors: RowErrors;
}

export interface KindsOptions {
  /** numeric and categorical inputs of the champion, which both tables have */
  readonly features: readonly string[];
  readonly target: string;
  readonly task: 'classification' | 'regression';
  readonly seed: number;
}

const MOST_ROWS = 3000;
/** Fewer rows than this of either sample are not taken apart: 50 in either fold. */
const LEAST_ROWS = 100;
const LEVEL = 0.05;
/** Matching leaves some of a shift of the inputs in the errors: so much of their deviation is not a change. */
const LEAST_EFFECT = 0.1;
/** With less overlap than this nothing is said of the concept. */
const LEAST_OVERLAP = 0.3;

/**
 * Splits a change into that of the inputs P(X), of the outcomes P(y) and of the concept P(y|X).
 *
 * The inputs: a classifier of old against new rows. The outcomes: Kolmogorov–Smirnov or χ². The concept: the
 * champion's losses and signed errors of old and new rows with like inputs, by groups of like propensity to be new,
 * each less what a forest of the old rows expects of its inputs, so that either of the two may be rough. Corrected by
 * Holm over the three (the two of the concept by Bonferroni), and the concept only if the difference is at least a
 * tenth of the errors' deviation. Where the inputs changed it must be larger than that beyond chance, since a champion that bends
 * otherwise than the world leaves some of a shift of its inputs in its errors: of 600 such shifts of ½ to 1½ deviations
 * in 300 to 1200 rows, 1 % were taken for a change of the concept, 8 to 22 % of each kind without that allowance; an
 * outcome that is higher by 0.3 deviations of its noise is still found in 93 %, by 0.2 in 39 %.
 *
 * It cannot tell: a change of the concept that leaves the champion as often and as far wrong at like inputs; a change
 * of an input that is not among the columns, which looks like one of the concept; anything of inputs that were not met
 * before. P(y) changes with P(X) also where nothing else does.
 *
 * @param reference rows that the champion was not trained on
 * @returns null if either sample has fewer than 100 rows or there is no input
 * @throws RangeError if a column is absent or of another kind in the other table
 */
export function splitChange(
  reference: JudgedRows,
  current: JudgedRows,
  options: KindsOptions,
): KindsOfChange | null {
  const { features, target, task, seed } = options;
  const before = sampleOf(reference, deriveSeed(seed, 0));
  const now = sampleOf(current, deriveSeed(seed, 1));
  if (Math.min(before.table.rows, now.table.rows) < LEAST_ROWS || features.length === 0)
    return null;
  const { auc, pValue, ...propensity } = propensityOf(before.table, now.table, features, seed);
  const outcome = compareOutcomes(columnOf(before.table, target), columnOf(now.table, target), {
    task,
    seed,
  });
  const matched = (quantity: keyof RowErrors, stream: number): MatchedComparison | null =>
    compareErrors(before, now, quantity, {
      propensity,
      features,
      tolerance: pValue <= LEVEL ? LEAST_EFFECT * deviationOf(now.errors[quantity]) : 0,
      seed: deriveSeed(seed, stream),
    });
  const losses = matched('losses', 2);
  const residuals = matched('residuals', 3);
  const concept = conceptOf(now, losses, residuals);
  const [ofInputs, ofOutcomes, ofConcept] = holm([
    pValue,
    outcome.pValue,
    concept === null ? 1 : concept.pValue,
  ]);
  const covariate = { statistic: auc, pValue: ofInputs, changed: ofInputs <= LEVEL };
  const label = {
    statistic: outcome.statistic,
    pValue: ofOutcomes,
    changed: ofOutcomes <= LEVEL,
  };
  const corrected =
    concept === null
      ? null
      : { ...concept, pValue: ofConcept, changed: concept.changed && ofConcept <= LEVEL };
  return {
    referenceRows: before.table.rows,
    currentRows: now.table.rows,
    covariate,
    label,
    concept: corrected,
    words: wordsOf(covariate.changed, label.changed, corrected),
  };
}

function sampleOf({ table, errors }: JudgedRows, seed: number): JudgedRows {
  const rows = randomRows(table.rows, MOST_ROWS, createRandom(seed)).slice().sort();
  const of = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]);
  return {
    table: takeRows(table, rows),
    errors: { losses: of(errors.losses), residuals: of(errors.residuals) },
  };
}

function compareOutcomes(
  x: Column,
  y: Column,
  { task, seed }: Pick<KindsOptions, 'task' | 'seed'>,
): { readonly statistic: number; readonly pValue: number } {
  if (task === 'regression') {
    if (x.kind === 'categorical' || y.kind === 'categorical') {
      throw new RangeError(`split of a change: target '${x.name}' is ${x.kind} and then ${y.kind}`);
    }
    return ksTwoSample(x.values.slice().sort(), y.values.slice().sort());
  }
  const [before, now] = [classCounts(x), classCounts(y)];
  const classes = [...new Set([...before.keys(), ...now.keys()])];
  const countsOf = (counts: ReadonlyMap<string, number>): number[] =>
    classes.map((one) => counts.get(one) ?? 0);
  return chiSquareHomogeneity(countsOf(before), countsOf(now), createRandom(seed));
}

function classCounts(column: Column): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (label: string): Map<string, number> =>
    counts.set(label, (counts.get(label) ?? 0) + 1);
  if (column.kind === 'categorical') {
    for (const code of column.codes) count(column.dictionary[code]);
  } else {
    for (const value of column.values) count(String(value));
  }
  return counts;
}

/** Compares a quantity at like inputs, less what is expected of the inputs. */
function compareErrors(
  before: JudgedRows,
  now: JudgedRows,
  quantity: keyof RowErrors,
  {
    propensity,
    features,
    tolerance,
    seed,
  }: {
    readonly propensity: Pick<ReturnType<typeof propensityOf>, 'scores' | 'folds'>;
    readonly features: readonly string[];
    readonly tolerance: number;
    readonly seed: number;
  },
): MatchedComparison | null {
  const n = before.table.rows;
  const values = new Float64Array(n + now.table.rows);
  values.set(before.errors[quantity]);
  values.set(now.errors[quantity], n);
  const { table } = stackTables(before.table, now.table, features);
  const schemas = table.columns
    .filter(({ name }) => features.includes(name))
    .map((column): FeatureSchema =>
      column.kind === 'categorical'
        ? { kind: 'categorical', name: column.name, dictionary: column.dictionary }
        : { kind: 'numeric', name: column.name },
    );
  const expected = expectedValues({ table, n, folds: propensity.folds }, schemas, values, seed);
  return compareMatched(
    values.map((value, i) => value - expected[i]),
    n,
    propensity,
    tolerance,
  );
}

function conceptOf(
  now: JudgedRows,
  losses: MatchedComparison | null,
  residuals: MatchedComparison | null,
): ConceptChange | null {
  if (losses === null || residuals === null || losses.overlap < LEAST_OVERLAP) return null;
  const gap = ({ reference, current }: MatchedComparison): number => current - reference;
  const changed = [
    { compared: losses, values: now.errors.losses },
    { compared: residuals, values: now.errors.residuals },
  ].some(
    ({ compared, values }) =>
      2 * compared.pValue <= LEVEL && Math.abs(gap(compared)) >= LEAST_EFFECT * deviationOf(values),
  );
  const loss = meanOf(now.errors.losses);
  return {
    pValue: Math.min(1, 2 * Math.min(losses.pValue, residuals.pValue)),
    changed,
    loss,
    expectedLoss: loss - gap(losses),
    bias: gap(residuals),
    overlap: losses.overlap,
  };
}

function wordsOf(covariate: boolean, label: boolean, concept: ConceptChange | null): string {
  const inputs = covariate ? 'The inputs changed' : 'The inputs are as before';
  const outcomes = label
    ? 'the outcomes are spread otherwise'
    : 'the outcomes are spread as before';
  if (concept === null) {
    return `${inputs}, and ${outcomes}; hardly any rows are like earlier ones, so that it cannot be told whether outcomes follow from inputs as they did.`;
  }
  if (concept.changed) {
    return `${inputs}, and ${outcomes}; at like inputs the champion errs otherwise than before: outcomes follow from inputs in another way.`;
  }
  return `${inputs}, and ${outcomes}; nothing shows that outcomes follow from inputs in another way.`;
}

function meanOf(values: Float64Array): number {
  let mean = 0;
  values.forEach((value, i) => (mean += (value - mean) / (i + 1)));
  return mean;
}

function deviationOf(values: Float64Array): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}
