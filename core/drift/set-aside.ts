import type { NumericColumn } from '../table.ts';
import type { LevelCounts } from './levels.ts';

/** Share of different values in the reference above which categories are taken for text or identifiers. */
const TEXT_SHARE = 0.5;
/** Fewer different values than this are compared as categories, however few rows there are. */
const TEXT_LEVELS = 20;

/**
 * Why categories should not be compared: they name rows instead of describing them. The reference alone
 * decides.
 * @returns a reason for people, or null when they can be compared
 */
export function identifierReason({ reference }: LevelCounts): string | null {
  let distinct = 0;
  let values = 0;
  for (const count of reference) {
    if (count > 0) distinct++;
    values += count;
  }
  if (distinct < TEXT_LEVELS) return null;
  if (distinct === values) return `an identifier: all ${values} values of the reference differ`;
  if (distinct <= values * TEXT_SHARE) return null;
  return `free text or an identifier: ${distinct} different values among ${values}`;
}

/**
 * Why numbers should not be compared: they number the rows, or go on from file to file like a clock, and so
 * differ between any two files. A column that is merely sorted within each file is compared: its files
 * cover the same range.
 * @returns a reason for people, or null when they can be compared
 */
export function sequenceReason(reference: NumericColumn, current: NumericColumn): string | null {
  const before = monotony(reference.values);
  if (before === null) return null;
  const now = monotony(current.values);
  if (now === null || now.rising !== before.rising) return null;
  const direction = before.rising ? 'rises' : 'falls';
  if (before.countsRows && now.countsRows) {
    return `an identifier: whole numbers, each different, that ${direction === 'rises' ? 'rise' : 'fall'} from row to row`;
  }
  if (before.low <= now.high && now.low <= before.high) return null;
  return `a sequence: it never ${before.rising ? 'falls' : 'rises'} and goes on from file to file`;
}

interface Monotony {
  readonly rising: boolean;
  /** whole numbers, strictly monotone */
  readonly countsRows: boolean;
  readonly low: number;
  readonly high: number;
}

/** How present values are ordered from the first row to the last; null when they are not. */
function monotony(values: Float64Array): Monotony | null {
  let first = NaN;
  let last = NaN;
  let direction = 0;
  let strict = true;
  let whole = true;
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (Number.isNaN(x)) continue;
    const step = Math.sign(x - last);
    if (step === -direction && step !== 0) return null;
    if (step === 1 || step === -1) direction = step;
    else if (step === 0) strict = false;
    if (Number.isNaN(first)) first = x;
    whole &&= Number.isInteger(x);
    last = x;
  }
  if (direction === 0) return null;
  return {
    rising: direction > 0,
    countsRows: strict && whole,
    low: Math.min(first, last),
    high: Math.max(first, last),
  };
}
