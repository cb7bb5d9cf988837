import { createRandom, deriveSeed } from '../random.ts';
import type { Share } from '../stats/fisher.ts';
import {
  compareLevels,
  compareMissing,
  compareNumbers,
  type Comparison,
  type RawChange,
} from './compare.ts';
import { distributionDesign, missingDesign } from './column-design.ts';
import { effectiveRows } from '../stats/design-effect.ts';
import type { DesignEffect } from '../stats/design-effect.ts';
import type { DetectionOptions } from './detection-options.ts';
import {
  categoryChanges,
  countCategories,
  countValues,
  countWithin,
  type LevelCounts,
} from './levels.ts';
import type { CategoryChanges, ColumnDrift, ColumnOutcome, Distances } from './report.ts';
import { identifierReason, sequenceReason } from './set-aside.ts';
import type { CategorySummary } from './summary/category-summary.ts';
import type { NumberSummary } from './summary/number-summary.ts';
import type { ColumnSummary } from './summary/table-summary.ts';

/** A column of the reference and its namesake in the current table. */
export interface ColumnPair {
  readonly reference: ColumnSummary;
  readonly current: ColumnSummary;
}

/** What was found in a column before the correction over the family. */
export interface ExaminedColumn extends Omit<ColumnDrift, 'outcome'> {
  readonly outcome:
    | Exclude<ColumnOutcome, { kind: 'tested' }>
    | {
        readonly kind: 'tested';
        readonly changes: readonly RawChange[];
        readonly distances: Distances | null;
        readonly note?: string;
      };
}

/** A spread below this share of the largest value is rounding: the column is constant. */
const ROUNDING = 1e-12;
const MONTE_CARLO_SEED = 1;

/**
 * Tests one column: its distribution, unless there is a reason not to, and its missing values.
 * @param stream number of the column, so that columns draw independently
 */
export function examineColumn(
  { reference, current }: ColumnPair,
  options: DetectionOptions,
  stream: number,
): ExaminedColumn {
  const before = missingOf(reference);
  const now = missingOf(current);
  const head = {
    name: reference.name,
    kind: before.count === before.total ? current.kind : reference.kind,
    missing: { reference: shareOf(before), current: shareOf(now) },
  };
  if (options.ignore.includes(head.name)) {
    return { ...head, outcome: { kind: 'set-aside', reason: 'ignored by the pipeline' } };
  }
  const rows = Math.min(before.total, now.total);
  if (rows < options.minRows) {
    return { ...head, outcome: { kind: 'insufficient', n: rows, required: options.minRows } };
  }
  const design = distributionDesign(reference, now.total, options);
  const distribution = examineDistribution({ reference, current }, { ...options, design }, stream);
  if (distribution.kind === 'kind changed') return { ...head, outcome: distribution };
  const change = missingChange(head.name, before, now, {
    ...options,
    design: missingDesign(reference, now.total, options),
  });
  return {
    ...head,
    ...(distribution.kind === 'set-aside' ? {} : dependenceOf(design)),
    ...assemble(distribution, change),
  };
}

const dependenceOf = ({ phi, reach }: DesignEffect): Pick<ColumnDrift, 'dependence'> =>
  reach === 'independent' ? {} : { dependence: { designEffect: phi, reach } };

interface ColumnOptions extends DetectionOptions {
  readonly design: DesignEffect;
}

type Distribution =
  | {
      readonly kind: 'compared';
      readonly comparison: Comparison;
      readonly categories?: CategoryChanges;
    }
  | Exclude<ColumnOutcome, { kind: 'tested' | 'absent' }>;

function assemble(
  distribution: Exclude<Distribution, { kind: 'kind changed' }>,
  missing: readonly RawChange[],
): Pick<ExaminedColumn, 'outcome' | 'histogram' | 'categories'> {
  if (distribution.kind === 'compared') {
    const { comparison, categories } = distribution;
    const { change, distances, histogram } = comparison;
    return {
      outcome: { kind: 'tested', changes: [change, ...missing], distances },
      histogram,
      ...(categories === undefined ? {} : { categories }),
    };
  }
  if (missing.length === 0) return { outcome: distribution };
  const note =
    distribution.kind === 'set-aside'
      ? distribution.reason
      : `too few values: ${describeRows(distribution)}, ${distribution.required} are needed`;
  return { outcome: { kind: 'tested', changes: missing, distances: null, note } };
}

function examineDistribution(
  { reference, current }: ColumnPair,
  options: ColumnOptions,
  stream: number,
): Distribution {
  const n = reference.rows - reference.missing;
  const m = current.rows - current.missing;
  if (n === 0 && m === 0) return setAside('no values in either table');
  if (reference.name === options.target && m === 0) {
    return setAside('the target, which has no values in this file');
  }
  const areTimes = reference.kind === 'time' && current.kind === 'time';
  if (areTimes || reference.name === options.timeColumn) {
    return setAside('a time column: it always moves on');
  }
  const fewest = Math.min(n, m);
  const effective = effectiveRows(fewest, options.design);
  if (effective < options.minRows) {
    return {
      kind: 'insufficient',
      n: fewest,
      ...(effective === fewest ? {} : { effective }),
      required: options.minRows,
    };
  }
  if (reference.kind === 'categorical' && current.kind === 'categorical') {
    return examineCategories(reference, current, options, stream);
  }
  if (reference.kind === 'numeric' && current.kind === 'numeric') {
    const reason = sequenceReason(reference, current);
    if (reason !== null) return setAside(reason);
    return examineNumbers(reference, current, options, stream);
  }
  return {
    kind: 'kind changed',
    reason: `${reference.kind} in the reference, ${current.kind} in this file`,
  };
}

function examineCategories(
  reference: CategorySummary,
  current: CategorySummary,
  options: ColumnOptions,
  stream: number,
): Distribution {
  const levels = countCategories(reference, current);
  const reason = identifierReason(reference) ?? constantReason(levels);
  if (reason !== null) return setAside(reason);
  return {
    kind: 'compared',
    comparison: compareCounts(levels, options, stream),
    categories: categoryChanges(levels),
  };
}

function examineNumbers(
  reference: NumberSummary,
  current: NumberSummary,
  options: ColumnOptions,
  stream: number,
): Distribution {
  const few = countValues(reference.few, current.few);
  if (few?.labels.length === 1) return setAside(`constant: every value is ${few.labels[0]}`);
  if (few !== null) return { kind: 'compared', comparison: compareCounts(few, options, stream) };
  const { low, high } = reference.range ?? { low: 0, high: 0 };
  const sigma = reference.moments.deviation;
  const slack = ROUNDING * Math.max(Math.abs(low), Math.abs(high));
  if (sigma > slack) {
    const comparison = compareNumbers(reference.sample, current.sample, sigma, options);
    return { kind: 'compared', comparison };
  }
  // A constant has no spread to measure a distance by: count how many values left it.
  const levels = countWithin(reference.sample, current.sample, low - slack, high + slack);
  if (levels.current[1] === 0)
    return setAside(`constant but for rounding: every value is near ${low}`);
  return { kind: 'compared', comparison: compareCounts(levels, options, stream) };
}

function compareCounts(levels: LevelCounts, options: ColumnOptions, stream: number): Comparison {
  const random = createRandom(deriveSeed(MONTE_CARLO_SEED, stream));
  return compareLevels(levels, options, random);
}

/** The hypothesis about missing values; none when nothing or everything is missing, or for the target. */
function missingChange(
  name: string,
  before: Share,
  now: Share,
  { target, effect, design }: ColumnOptions,
): readonly RawChange[] {
  // A file whose target is missing is unlabelled, which is no drift.
  if (name === target) return [];
  const missing = before.count + now.count;
  if (missing === 0 || missing === before.total + now.total) return [];
  return [compareMissing(before, now, { threshold: effect.missing, design })];
}

const describeRows = ({ n, effective }: { n: number; effective?: number }): string =>
  effective === undefined ? String(n) : `${n}, worth ${effective} independent ones`;

function constantReason({ labels, reference, current }: LevelCounts): string | null {
  const occupied = labels.filter((_, k) => reference[k] + current[k] > 0);
  return occupied.length === 1 ? `constant: every value is '${occupied[0]}'` : null;
}

const setAside = (reason: string): Distribution => ({ kind: 'set-aside', reason });

const shareOf = ({ count, total }: Share): number => (total === 0 ? 0 : count / total);

const missingOf = ({ missing, rows }: ColumnSummary): Share => ({ count: missing, total: rows });
