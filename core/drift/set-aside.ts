import type { CategorySummary } from './summary/category-summary.ts';
import type { Course } from './summary/course.ts';
import type { NumberSummary } from './summary/number-summary.ts';

/** Share of different values in the reference above which categories are taken for text or identifiers. */
const TEXT_SHARE = 0.5;
/** Fewer different values than this are compared as categories, however few rows there are. */
const TEXT_LEVELS = 20;

/**
 * Why categories should not be compared: they name rows instead of describing them. The reference alone
 * decides.
 * @returns a reason for people, or null when they can be compared
 */
export function identifierReason(reference: CategorySummary): string | null {
  const values = reference.rows - reference.missing;
  const distinct = reference.labels.length + reference.others.labels;
  if (distinct < TEXT_LEVELS) return null;
  if (distinct === values) return `an identifier: all ${values} values of the reference differ`;
  if (distinct <= values * TEXT_SHARE) return null;
  return `free text or an identifier: ${distinct} different values among ${values}`;
}

/** Share of moves against the direction that a clock may make: real ones are set back, or misread, at times. */
const REVERSED_SHARE = 0.1;
/** Fewer moves than this show no direction. */
const FEWEST_MOVES = 10;

/**
 * Why numbers should not be compared: they number the rows, or go on from file to file like a clock, and so
 * differ between any two files. A column that is merely sorted within each file is compared: the middle
 * halves of its files overlap.
 * @returns a reason for people, or null when they can be compared
 */
export function sequenceReason(reference: NumberSummary, current: NumberSummary): string | null {
  const before = directionOf(reference.course);
  const now = directionOf(current.course);
  if (before === null || now === null || before.rising !== now.rising) return null;
  const direction = before.rising ? 'rise' : 'fall';
  if (before.countsRows && now.countsRows) {
    return `an identifier: whole numbers, each different, that ${direction} from row to row`;
  }
  const [low, high] = middleHalf(reference.sample.values);
  const [lowNow, highNow] = middleHalf(current.sample.values);
  if (low <= highNow && lowNow <= high) return null;
  return `a sequence: its values ${direction} from row to row and from file to file`;
}

interface Direction {
  readonly rising: boolean;
  /** whole numbers, each different from the one before, all in one direction */
  readonly countsRows: boolean;
}

/** The direction that values keep from the first row to the last; null when they keep none. */
function directionOf({ rises, falls, repeats, isWhole }: Course): Direction | null {
  const reversed = Math.min(rises, falls);
  if (rises + falls < FEWEST_MOVES || reversed > REVERSED_SHARE * (rises + falls)) return null;
  return { rising: rises > falls, countsRows: isWhole && reversed === 0 && repeats === 0 };
}

function middleHalf(sorted: Float64Array): readonly [low: number, high: number] {
  const last = sorted.length - 1;
  return [sorted[Math.floor(last / 4)], sorted[Math.ceil((3 * last) / 4)]];
}
