import { LONG_ROWS } from './clean-texts.ts';
import {
  areFewVersions,
  isMostlyDigits,
  NO_SIGNS,
  NOTHING,
  type TextProfile,
} from './text-profile.ts';

/*
 * Most columns of a short file hold nothing but values of which a glance tells what they are. Their profile is counted
 * here, and is the one that `profileTexts` finds in several queries; all other columns are left to it.
 */

/** A number without an exponent, of fewer digits than doubles tell apart. */
const NUMBER = /^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$/;
/** A day that every month has, in a year by which people date things. */
const TIME =
  /^(?:1[5-9]|2[0-4])[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?)?$/;
/** With a letter that stands in no number as people write it, and in no currency. */
const WORD = /[a-df-jl-qsu-y]/;
const CODE = /^[A-Z]{1,2}[-_]?[0-9]/;
/** What a number might be made of that no digit is in. */
const MAY_BE_WRITTEN = /[0-9.,]/;
/** How dates begin, and what casts take for a number. */
const IS_SPECIAL = /^[0-9]{4}[-/]|inf|nan/i;

type Look = 'number' | 'time' | 'other' | null;

/** Null where a closer look is needed. */
function lookOf(text: string): Look {
  if (NUMBER.test(text)) return 'number';
  if (TIME.test(text)) return 'time';
  if (IS_SPECIAL.test(text)) return null;
  return !MAY_BE_WRITTEN.test(text) || WORD.test(text) || CODE.test(text) ? 'other' : null;
}

/**
 * How the values of a column of text are written, if each of them is clear.
 * @param values null: missing
 * @param blanks texts that are missing among numbers
 * @returns null where one of them is not clear, or there are so many that queries are faster
 */
export function clearProfile(
  values: readonly (string | null)[],
  blanks: readonly string[],
): TextProfile | null {
  if (values.length >= LONG_ROWS) return null;
  const counts = new Map<string, number>();
  for (const value of values) {
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const of = { number: 0, time: 0 };
  const numbers: string[] = [];
  let present = 0;
  for (const [text, n] of counts) {
    const look = lookOf(text);
    if (look === null) return null;
    present += n;
    if (look !== 'other') of[look] += n;
    if (look === 'number') numbers.push(text);
  }
  const profile = { ...NOTHING, present, plain: of.number, numberLike: of.number };
  if (numbers.length > 0) Object.assign(profile, likeNumbers(numbers));
  if (profile.plain < present) {
    const count = (isCounted: (text: string) => boolean): number =>
      [...counts].reduce((sum, [text, n]) => sum + (isCounted(text) ? n : 0), 0);
    profile.digits = count((text) => /[0-9]/.test(text));
    profile.blank = count((text) => blanks.includes(text));
    profile.booleans = count((text) => /^(?:true|false)$/i.test(text));
    if (isMostlyDigits(profile)) profile.times = of.time;
  } else if (profile.mayBeVersions) {
    const withoutZeros = new Set(numbers.map((text) => text.replace(/0+$/, '')));
    const isLonger = numbers.some((text) => !/^[0-9]{1,3}\.[0-9]{1,3}$/.test(text));
    profile.mayBeVersions = !isLonger && areFewVersions(numbers.length, present);
    if (profile.mayBeVersions && withoutZeros.size < numbers.length) profile.codes = 'version';
  }
  return profile;
}

/** What `bitsOf` tells in SQL, of numbers that are clear. */
function likeNumbers(
  texts: readonly string[],
): Pick<TextProfile, 'codes' | 'mayBeVersions' | 'signs'> {
  const some = (isSo: (text: string) => boolean): boolean => texts.some(isSo);
  const isShort = (text: string): boolean => text.length <= 7 && /^[0-9]{1,3}\./.test(text);
  const hasThree = (text: string): boolean => /^-?[1-9][0-9]{0,2}\.[0-9]{3}$/.test(text);
  return {
    codes: some((text) => /^-?0[0-9]+$/.test(text)) ? 'zero' : null,
    mayBeVersions: texts.every(isShort),
    signs: {
      ...NO_SIGNS,
      dot: Number(some((text) => text.includes('.') && !hasThree(text))),
      dotThree: Number(some(hasThree)),
      ungrouped: Number(some((text) => /^-?[1-9][0-9]{3,}$/.test(text))),
    },
  };
}
