import { normalSurvival } from '../../stats/special-functions.ts';
import type { Table } from '../../table.ts';
import { conditionsOn, describeRule, maskOfBoth, withShortNumber } from './conditions.ts';
import type { Condition } from './conditions.ts';
import { otherRuleOfSameRows } from './same-rows.ts';
import {
  differenceWithout,
  halvesOf,
  likenessOf,
  scoreRows,
  scoreRowsByOthers,
  smallestPValueOutside,
  sumScores,
} from './slice-sample.ts';
import type { Mask, Scores, SliceSample } from './slice-sample.ts';

/** Rows that carry a change: without them the two samples are alike. */
export interface ChangedSlice {
  /** for instance `region = NY and temp > 20` */
  readonly rule: string;
  readonly conditions: readonly Condition[];
  /** another rule that at least 95 % of the rows in either keep both of; null where none was found */
  readonly also: string | null;
  /** share of the rows of each sample, 0 to 1 */
  readonly referenceShare: number;
  readonly currentShare: number;
  /** how much of the change vanishes without these rows, 0 to 1, and at least, with confidence 0.95 */
  readonly carried: number;
  readonly carriedAtLeast: number;
  /** of the tests that the other rows changed, corrected: above the level */
  readonly restPValue: number;
}

export interface SliceOptions {
  /** the columns that changed, strongest first */
  readonly changed: readonly string[];
  /** the columns that conditions may be about: numeric and categorical ones of both tables */
  readonly conditions: readonly string[];
  /** of the tests on the half that confirms, in (0, 1) */
  readonly level: number;
  readonly seed: number;
}

const MOST_CONDITIONS = 3;
/** Rules that are carried on with from one length to the next. */
const BEAM = 8;
/** Quantiles that numbers are cut at in the search, and when its rule is refined. */
const PARTS = 16;
const FINE_PARTS = 100;
/** While rules are chosen, a rest within so many standard errors is none, so that the smallest of them is. */
const TOLERANCE = 1;
/** Columns that conditions are tried on. */
const CONDITION_COLUMNS = 25;
/** A change that is in more of the rows than this is everywhere. */
const LARGEST_SHARE = 0.5;
/** A shift of everything leaves a third of itself among the lower half of the rows; a slice must leave less. */
const LARGEST_REST = 0.4;
/** Standard errors of the 95 % bound of what is left. */
const Z_OF_BOUND = 1.6449;
/** Fewest rows of each sample in each half, and fewest of the current sample in a slice. */
const LEAST_ROWS = 100;
const LEAST_IN_SLICE = 15;
/** What a share of the rows costs, another condition, and one on a column whose own change it would explain by itself. */
const PRICE_OF_SHARE = 0.25;
const PRICE_OF_CONDITION = 0.03;
const PRICE_OF_CHANGED_COLUMN = 0.05;

/**
 * The smallest set of rows, described by at most three conditions, without which the two samples are alike.
 *
 * On one half of the rows each value of a changed column is scored by how much more current than reference it is, and
 * a beam search finds the rule that takes most of the difference between the samples' mean scores with the fewest rows
 * and conditions. The other half, which the search has not seen, must confirm it with the same scores: without the
 * slice at most 40 % of the difference is left, with confidence 0.95, and neither the scores nor the distribution of
 * any changed column differ at the level. Found are slices that became more frequent and slices whose rows became
 * different. Where columns go together, another rule may describe the same
 * rows: it is named beside the first, a shorter one before others.
 *
 * @returns null when the change is everywhere, in more than half of the rows, cannot be described so, or when there
 *   are too few rows to tell: 100 in each half of each sample, and a change of five standard errors or so
 * @throws RangeError if a column is absent, or of another kind in the other table
 */
export function smallestSlice(
  reference: Table,
  current: Table,
  { changed, conditions, level, seed }: SliceOptions,
): ChangedSlice | null {
  if (changed.length === 0 || Math.min(reference.rows, current.rows) < 2 * LEAST_ROWS) return null;
  const [searched, unseen] = halvesOf(reference, current, changed, seed);
  const candidatesOn = (name: string, parts: number): readonly Candidate[] =>
    conditionsOn(reference, current, name, parts).map((condition) => ({
      condition,
      mask: maskOfSample(maskOfBoth(reference, current, condition), searched),
      price: PRICE_OF_CONDITION + (changed.includes(name) ? PRICE_OF_CHANGED_COLUMN : 0),
    }));
  const found = searchRule(
    sumScores(searched, scoreRowsByOthers(searched)),
    conditions.slice(0, CONDITION_COLUMNS).flatMap((name) => candidatesOn(name, PARTS)),
    (name) => candidatesOn(name, FINE_PARTS),
  );
  if (found === null) return null;
  const rule = found.map((condition) => withShortNumber(condition, reference, current));
  const other = otherRuleOfSameRows(
    reference,
    current,
    rule,
    conditions.slice(0, CONDITION_COLUMNS),
  );
  const masks = rule.map((condition) => maskOfBoth(reference, current, condition));
  const slice = allRows(unseen).filter((row) =>
    masks.every((mask) => mask[unseen.positions[row]] === 1),
  );
  const scores = sumScores(unseen, scoreRows(unseen, likenessOf(searched)));
  const confirmed = confirm(scores, rule, slice, { level, seed });
  return confirmed && { ...confirmed, also: other && describeRule(other) };
}

/** A condition, the rows that keep it, and what it costs. */
interface Candidate {
  readonly condition: Condition;
  readonly mask: Mask;
  readonly price: number;
}

interface Rule {
  readonly parts: readonly Candidate[];
  /** the rows that keep all but the last part */
  readonly among: Int32Array;
  readonly worth: number;
  readonly isSmall: boolean;
}

function searchRule(
  scores: Scores,
  candidates: readonly Candidate[],
  fineCandidates: (column: string) => readonly Candidate[],
): readonly Condition[] | null {
  const { sample } = scores;
  const whole = differenceWithout(scores, new Int32Array(0)).value;
  if (!(whole > 0)) return null;
  const search: Search = { scores, whole, tolerance: TOLERANCE };
  let starts: readonly Start[] = [{ parts: [], rows: allRows(sample) }];
  let best: Rule | null = null;
  for (let length = 1; length <= MOST_CONDITIONS; length++) {
    const rules = starts.flatMap((start) =>
      candidates.flatMap((candidate) => {
        const rule = extend(search, start, candidate);
        return rule === null ? [] : [rule];
      }),
    );
    for (const rule of rules) {
      if (rule.isSmall && rule.worth > (best?.worth ?? 0)) best = rule;
    }
    // A rule that holds too many rows may still hold few with another condition.
    starts = bestStarts(rules);
  }
  return best === null
    ? null
    : refine({ scores, whole, tolerance: 0 }, best, fineCandidates).parts.map(
        ({ condition }) => condition,
      );
}

/** Moves the number of each condition in turn to where the rule is worth most. */
function refine(
  search: Search,
  rule: Rule,
  fineCandidates: (column: string) => readonly Candidate[],
): Rule {
  let best: Rule = { ...rule, worth: -Infinity };
  for (const { condition: said } of rule.parts) {
    const { column, kind } = said;
    if (kind !== 'above' && kind !== 'at most') continue;
    const isMoved = ({ condition }: Candidate): boolean =>
      condition.column === column && condition.kind === kind;
    const others = best.parts.filter((part) => !isMoved(part));
    const start: Start = {
      parts: others,
      rows: allRows(search.scores.sample).filter((row) =>
        others.every(({ mask }) => mask[row] === 1),
      ),
    };
    for (const candidate of fineCandidates(column)) {
      const moved = isMoved(candidate) ? extend(search, start, candidate) : null;
      if (moved !== null && moved.isSmall && moved.worth > best.worth) best = moved;
    }
  }
  return best;
}

interface Search {
  readonly scores: Scores;
  /** the difference of all rows */
  readonly whole: number;
  /** standard errors within which a rest is none */
  readonly tolerance: number;
}

/** Conditions to add another one to, and the rows that keep them. */
interface Start {
  readonly parts: readonly Candidate[];
  readonly rows: Int32Array;
}

/** The rule with one more condition; null where it says a thing twice, or holds or leaves too few rows. */
function extend(
  { scores, whole, tolerance }: Search,
  start: Start,
  candidate: Candidate,
): Rule | null {
  if (isSaid(start.parts, candidate.condition)) return null;
  const { n, m } = scores.sample;
  const rest = differenceWithout(scores, start.rows, candidate.mask);
  if (rest.current < LEAST_IN_SLICE) return null;
  if (Math.min(n - rest.reference, m - rest.current) < LEAST_ROWS / 2) return null;
  const left = Math.max(0, Math.abs(rest.value) - tolerance * rest.standardError) / whole;
  const share = Math.max(rest.reference / n, rest.current / m);
  const parts = [...start.parts, candidate];
  const price = parts.reduce((sum, part) => sum + part.price, 0);
  return {
    parts,
    among: start.rows,
    worth: 1 - left - PRICE_OF_SHARE * share - price,
    isSmall: share <= LARGEST_SHARE,
  };
}

function confirm(
  scores: Scores,
  conditions: readonly Condition[],
  slice: Int32Array,
  { level, seed }: Pick<SliceOptions, 'level' | 'seed'>,
): Omit<ChangedSlice, 'also'> | null {
  const { sample } = scores;
  const whole = differenceWithout(scores, new Int32Array(0));
  const rest = differenceWithout(scores, slice);
  const referenceShare = rest.reference / sample.n;
  const currentShare = rest.current / sample.m;
  if (Math.max(referenceShare, currentShare) > LARGEST_SHARE || !(whole.value > 0)) return null;
  const atMost = (Math.abs(rest.value) + Z_OF_BOUND * rest.standardError) / whole.value;
  if (atMost > LARGEST_REST) return null;
  const z = rest.standardError > 0 ? Math.abs(rest.value) / rest.standardError : 0;
  const ofScores = 2 * normalSurvival(z);
  const restPValue = Math.min(
    1,
    2 * Math.min(ofScores, smallestPValueOutside(sample, slice, seed)),
  );
  if (restPValue <= level) return null;
  return {
    rule: describeRule(conditions),
    conditions,
    referenceShare,
    currentShare,
    carried: 1 - Math.abs(rest.value) / whole.value,
    carriedAtLeast: 1 - atMost,
    restPValue,
  };
}

function maskOfSample(mask: Mask, { positions }: SliceSample): Mask {
  const own = new Uint8Array(positions.length);
  for (let i = 0; i < own.length; i++) own[i] = mask[positions[i]];
  return own;
}

const allRows = ({ n, m }: SliceSample): Int32Array =>
  Int32Array.from({ length: n + m }, (_, i) => i);

/** Whether a rule says something of the kind of the column already. */
function isSaid(parts: readonly Candidate[], { column, kind }: Condition): boolean {
  return parts.some(
    ({ condition: said }) =>
      said.column === column &&
      (said.kind === kind || kind === 'missing' || said.kind === 'missing'),
  );
}

/** The best rules, the same rows once. */
function bestStarts(rules: readonly Rule[]): readonly Start[] {
  const starts: Start[] = [];
  for (const { parts, among } of rules.toSorted((a, b) => b.worth - a.worth)) {
    if (starts.length === BEAM) break;
    const last = parts[parts.length - 1].mask;
    const rows = among.filter((row) => last[row] === 1);
    const isNew = starts.every(
      (start) => start.rows.length !== rows.length || start.rows.some((row, i) => row !== rows[i]),
    );
    if (isNew) starts.push({ parts, rows });
  }
  return starts;
}
