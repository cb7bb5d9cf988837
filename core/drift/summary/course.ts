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
  let rises = 0;
  let falls = 0;
  let count = 0;
  let last = NaN;
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    // False of NaN and the infinities alone.
    if (x - x !== 0) continue;
    // Sums of comparisons: branches that random values take at random cost three times as much.
    rises += Number(x > last);
    falls += Number(x < last);
    count++;
    last = x;
  }
  const first = values.find((x) => Number.isFinite(x));
  return {
    rises,
    falls,
    repeats: Math.max(0, count - 1) - rises - falls,
    isWhole: areWhole(values),
    // Adding 0 makes 0 of −0.
    ends: first === undefined ? null : { first: first + 0, last: last + 0 },
  };
}

/** By itself, as of numbers with fractions the first one ends it. */
function areWhole(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (Math.floor(x) !== x && x - x === 0) return false;
  }
  return true;
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
