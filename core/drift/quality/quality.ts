import { countBelow, countUpTo } from '../../stats/search-sorted.ts';
import { countOf } from '../summary/few-values.ts';
import type { CategorySummary } from '../summary/category-summary.ts';
import type { NumberSummary } from '../summary/number-summary.ts';
import type { ColumnSummary, TableSummary } from '../summary/table-summary.ts';

/**
 * Something about a file that is so or not, and no question of chance: it spends nothing of the false-alarm rate
 * and decides nothing. Shares are of all rows of the file, or of its values where it says so.
 */
export type QualityFinding = QualityFact & {
  /** one sentence for people, with the figures */
  readonly words: string;
};

type QualityFact =
  | { readonly kind: 'missing column'; readonly column: string }
  | { readonly kind: 'new column'; readonly column: string }
  | {
      readonly kind: 'type changed';
      readonly column: string;
      readonly from: ColumnSummary['kind'];
      readonly to: ColumnSummary['kind'];
    }
  | { readonly kind: 'empty column'; readonly column: string }
  | { readonly kind: 'constant column'; readonly column: string; readonly value: string }
  | {
      readonly kind: 'more missing values';
      readonly column: string;
      readonly reference: number;
      readonly current: number;
    }
  | {
      readonly kind: 'out of range';
      readonly column: string;
      /** of the reference */
      readonly low: number;
      readonly high: number;
      /** shares of the values below and above */
      readonly below: number;
      readonly above: number;
    }
  | {
      readonly kind: 'new categories';
      readonly column: string;
      readonly categories: number;
      /** share of the values that are of new categories */
      readonly share: number;
      /** at most 5, most frequent first */
      readonly examples: readonly string[];
    }
  | {
      readonly kind: 'lost categories';
      readonly column: string;
      readonly categories: number;
      /** share of the reference's values that were of them */
      readonly share: number;
      readonly examples: readonly string[];
    }
  | {
      readonly kind: 'duplicate rows';
      /** shares of the rows that repeat another one */
      readonly reference: number;
      readonly current: number;
    };

export interface QualityOptions {
  /** from which the rise of a share of missing values, or of repeated rows, is worth a word */
  readonly rise: number;
  /** columns that nothing is said about */
  readonly ignore: readonly string[];
  readonly timeColumn?: string | undefined;
  /** that it is missing is said elsewhere: the file is unlabelled */
  readonly target: string;
}

/**
 * What is wrong or new about a file as data, against its reference: the table first, then column by column in the
 * reference's order.
 *
 * What chance brings to every file is passed over: of values beyond the reference's range, each file has a share
 * of 2/(n + 1) on average, n values in the reference; five times this is worth a word. Categories are lost, and a
 * column has become constant, where 5 values of what is not there would be expected: chance leaves them out in one of
 * 150 cases.
 */
export function examineQuality(
  reference: TableSummary,
  current: TableSummary,
  options: QualityOptions,
): readonly QualityFinding[] {
  const now = new Map(current.columns.map((column) => [column.name, column]));
  const before = new Set(reference.columns.map(({ name }) => name));
  const isTold = ({ name }: ColumnSummary): boolean => !options.ignore.includes(name);
  const facts = [
    ...duplicateFacts(reference, current, options),
    ...reference.columns.filter(isTold).flatMap((column) => {
      const namesake = now.get(column.name);
      return namesake === undefined
        ? missingColumn(column.name, options)
        : columnFacts(column, namesake, options);
    }),
    ...current.columns
      .filter((column) => isTold(column) && !before.has(column.name))
      .map(({ name }): QualityFact => ({ kind: 'new column', column: name })),
  ];
  return facts.map((fact) => ({ ...fact, words: wordsOf(fact) }));
}

const missingColumn = (column: string, { target }: QualityOptions): readonly QualityFact[] =>
  column === target ? [] : [{ kind: 'missing column', column }];

function columnFacts(
  before: ColumnSummary,
  now: ColumnSummary,
  options: QualityOptions,
): readonly QualityFact[] {
  const column = before.name;
  if (now.missing === now.rows) {
    const isNews = now.rows > 0 && before.missing < before.rows && column !== options.target;
    return isNews ? [{ kind: 'empty column', column }] : [];
  }
  if (before.missing === before.rows) return [];
  if (before.kind !== now.kind) {
    return [{ kind: 'type changed', column, from: before.kind, to: now.kind }];
  }
  const missing = column === options.target ? [] : missingFacts(before, now, options);
  if (before.kind === 'categorical' && now.kind === 'categorical') {
    return [...missing, ...categoryFacts(before, now)];
  }
  // Times go on: that they are beyond those of the reference is what they are for.
  if (before.kind !== 'numeric' || now.kind !== 'numeric' || column === options.timeColumn) {
    return missing;
  }
  return [...missing, ...numberFacts(before, now)];
}

function missingFacts(
  before: ColumnSummary,
  now: ColumnSummary,
  { rise }: QualityOptions,
): readonly QualityFact[] {
  const reference = before.missing / before.rows;
  const current = now.missing / now.rows;
  return current - reference >= rise
    ? [{ kind: 'more missing values', column: before.name, reference, current }]
    : [];
}

/** Times the share of values that chance puts beyond the range of the reference. */
const NOTABLE = 5;

function numberFacts(before: NumberSummary, now: NumberSummary): readonly QualityFact[] {
  if (before.range === null || now.range === null) return [];
  const column = before.name;
  const { low, high } = before.range;
  const isConstant = now.range.low === now.range.high;
  const constant: readonly QualityFact[] =
    isConstant && low < high && isNotable(before, countIn(before, now.range.low), now)
      ? [{ kind: 'constant column', column, value: String(now.range.low) }]
      : [];
  const { values } = now.sample;
  const below = countBelow(values, low) / values.length;
  const above = (values.length - countUpTo(values, high)) / values.length;
  const expected = 2 / (present(before) + 1);
  return below + above > NOTABLE * expected
    ? [...constant, { kind: 'out of range', column, low, high, below, above }]
    : constant;
}

const EXAMPLES = 5;

const present = ({ rows, missing }: ColumnSummary): number => rows - missing;

const countIn = ({ few }: NumberSummary, x: number): number => (few === null ? 0 : countOf(few, x));

/** Whether a file that holds one value only would have others: at least 5, by their share in the reference. */
const isNotable = (before: ColumnSummary, same: number, now: ColumnSummary): boolean =>
  ((present(before) - same) / present(before)) * present(now) >= NOTABLE;

function categoryFacts(before: CategorySummary, now: CategorySummary): readonly QualityFact[] {
  const column = before.name;
  const [only] = now.labels;
  const isConstant = now.labels.length === 1 && now.others.values === 0;
  const at = before.labels.indexOf(only);
  const facts: QualityFact[] = [];
  if (isConstant && isNotable(before, at < 0 ? 0 : before.counts[at], now)) {
    facts.push({ kind: 'constant column', column, value: only });
  }
  const added = notIn(now, before);
  if (added.categories > 0) facts.push({ kind: 'new categories', column, ...added });
  const lost = notIn(before, now, (NOTABLE * present(before)) / present(now));
  if (lost.categories > 0) facts.push({ kind: 'lost categories', column, ...lost });
  return facts;
}

/** Categories of one column that another does not have, of those with at least so many values. */
function notIn(
  own: CategorySummary,
  other: CategorySummary,
  least: number = 1,
): { readonly categories: number; readonly share: number; readonly examples: readonly string[] } {
  // What the other one's summary leaves out may be any of these.
  if (other.others.labels > 0) return { categories: 0, share: 0, examples: [] };
  const known = new Set(other.labels);
  const found = own.labels
    .map((label, k) => ({ label, count: own.counts[k] }))
    .filter(({ label, count }) => count >= least && !known.has(label))
    .toSorted((a, b) => b.count - a.count);
  return {
    categories: found.length,
    share: found.reduce((sum, { count }) => sum + count, 0) / present(own),
    examples: found.slice(0, EXAMPLES).map(({ label }) => label),
  };
}

function duplicateFacts(
  reference: TableSummary,
  current: TableSummary,
  { rise }: QualityOptions,
): readonly QualityFact[] {
  const shares = [reference, current].map(({ repeatedRows, rows }) =>
    repeatedRows === undefined || rows === 0 ? null : repeatedRows / rows,
  );
  const [before, now] = shares;
  if (before === null || now === null || now - before < rise) return [];
  return [{ kind: 'duplicate rows', reference: before, current: now }];
}

function wordsOf(fact: QualityFact): string {
  switch (fact.kind) {
    case 'missing column':
      return `${fact.column} is not in this file`;
    case 'new column':
      return `${fact.column} is new: the reference does not have it`;
    case 'type changed':
      return `${fact.column} holds ${KINDS[fact.to]}, in the reference ${KINDS[fact.from]}`;
    case 'empty column':
      return `${fact.column} has no value in this file`;
    case 'constant column':
      return `${fact.column} is ${fact.value} in every row`;
    case 'more missing values':
      return `${percent(fact.current)} of ${fact.column} are missing, ${percent(fact.reference)} in the reference`;
    case 'out of range':
      return `${percent(fact.below + fact.above)} of ${fact.column} are beyond the reference's ${fact.low} to ${fact.high}`;
    case 'new categories':
      return `${percent(fact.share)} of ${fact.column} are of ${amount(fact.categories, 'new')}: ${fact.examples.join(', ')}`;
    case 'lost categories':
      return `${amount(fact.categories, 'lost')} of ${fact.column}, ${percent(fact.share)} in the reference: ${fact.examples.join(', ')}`;
    case 'duplicate rows':
      return `${percent(fact.current)} of the rows repeat another one, ${percent(fact.reference)} in the reference`;
  }
}

const KINDS: Readonly<Record<ColumnSummary['kind'], string>> = {
  numeric: 'numbers',
  categorical: 'categories',
  time: 'times',
};

const amount = (categories: number, which: string): string =>
  `${categories} ${which} ${categories === 1 ? 'category' : 'categories'}`;

/** In as many digits as a small share needs. */
function percent(share: number): string {
  const digits = share > 0 && share < 0.001 ? share * 100 : Math.round(share * 1000) / 10;
  return `${Number(digits.toPrecision(3))} %`;
}
