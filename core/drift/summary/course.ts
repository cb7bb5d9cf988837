import { followNumbers } from '../../stats/follow-numbers.ts';

/** How numbers go on from row to row; missing ones are passed over. */
export interface Course {
  /** steps from one number to the next */
  readonly rises: number;
  readonly falls: number;
  readonly repeats: number;
  readonly isWhole: boolean;
  /** null when there are no numbers */
  readonly ends: { readonly first: number; readonly last: number } | null;
}

/** @param values in the order of the rows; NaN, or infinite, for missing */
export function courseOf(values: Float64Array): Course {
  const { count, rises, falls, fractions } = followNumbers(values);
  const isPresent = (x: number): boolean => Number.isFinite(x);
  const first = values.find(isPresent);
  const last = values.findLast(isPresent);
  return {
    rises,
    falls,
    repeats: Math.max(0, count - 1) - rises - falls,
    isWhole: fractions === 0,
    // Adding 0 makes 0 of −0.
    ends: first === undefined || last === undefined ? null : { first: first + 0, last: last + 0 },
  };
}

/** The course of the rows of `a` and then those of `b`. */
export function joinCourses(a: Course, b: Course): Course {
  if (a.ends === null) return b;
  if (b.ends === null) return a;
  const { last } = a.ends;
  const { first } = b.ends;
  return {
    rises: a.rises + b.rises + (first > last ? 1 : 0),
    falls: a.falls + b.falls + (first < last ? 1 : 0),
    repeats: a.repeats + b.repeats + (first === last ? 1 : 0),
    isWhole: a.isWhole && b.isWhole,
    ends: { first: a.ends.first, last: b.ends.last },
  };
}
