import { mergeMoments, momentsOf } from '../../stats/moments.ts';
import type { Moments } from '../../stats/moments.ts';
import { sortFinite } from '../../stats/sort-numbers.ts';
import { courseOf, joinCourses } from './course.ts';
import type { Course } from './course.ts';
import { countFewValues, mergeFewValues } from './few-values.ts';
import type { ValueCounts } from './few-values.ts';
import { dependenceOfNumbers, mergeCurves } from '../../stats/row-dependence.ts';
import type { NumberDependence } from '../../stats/row-dependence.ts';
import { mergeSamples, sampleOf } from './sorted-sample.ts';
import type { SortedSample } from './sorted-sample.ts';

/** What drift detection needs to know of a column of numbers or times; its size does not grow with the rows. */
export interface NumberSummary {
  readonly kind: 'numeric' | 'time';
  readonly name: string;
  readonly rows: number;
  readonly missing: number;
  /** of the values that are present, as all that follows */
  readonly sample: SortedSample;
  /** least and greatest; null when none is present */
  readonly range: { readonly low: number; readonly high: number } | null;
  readonly moments: Moments;
  /** null when there are more than 10 different values */
  readonly few: ValueCounts | null;
  readonly course: Course;
  /** of rows in their order */
  readonly dependence: NumberDependence;
}

/**
 * Summarises a column, or a run of its rows. The values are sorted once, and all that follows uses that.
 * @param values in the order of the rows; NaN, or infinite, for missing
 * @param room as many numbers or more, overwritten
 */
export function summariseNumbers(
  column: Pick<NumberSummary, 'kind' | 'name'>,
  values: Float64Array,
  room: Float64Array = new Float64Array(values.length),
): NumberSummary {
  const n = sortFinite(values, room);
  const sorted = room.subarray(0, n);
  return {
    kind: column.kind,
    name: column.name,
    rows: values.length,
    missing: values.length - n,
    sample: sampleOf(sorted),
    range: n === 0 ? null : { low: sorted[0], high: sorted[n - 1] },
    moments: momentsOf(sorted),
    few: countFewValues(sorted),
    course: courseOf(values),
    dependence: dependenceOfNumbers(values, sorted),
  };
}

/** The column of the rows of `a` and then those of `b`. */
export function mergeNumbers(a: NumberSummary, b: NumberSummary): NumberSummary {
  return {
    kind: a.kind,
    name: a.name,
    rows: a.rows + b.rows,
    missing: a.missing + b.missing,
    sample: mergeSamples(a.sample, b.sample),
    range: mergeRanges(a.range, b.range),
    moments: mergeMoments(a.moments, b.moments),
    few: mergeFewValues(a.few, b.few),
    course: joinCourses(a.course, b.course),
    dependence: {
      height: mergeCurves(a.dependence.height, b.dependence.height),
      side: mergeCurves(a.dependence.side, b.dependence.side),
      distance: mergeCurves(a.dependence.distance, b.dependence.distance),
      missing: mergeCurves(a.dependence.missing, b.dependence.missing),
    },
  };
}

function mergeRanges(a: NumberSummary['range'], b: NumberSummary['range']): NumberSummary['range'] {
  if (a === null) return b;
  if (b === null) return a;
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}
