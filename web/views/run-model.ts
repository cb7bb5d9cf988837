import type { Html } from '../html.ts';
import type { Known } from '../known.ts';
import type { RunId } from '../published.ts';
import type { RunView } from '../queries.ts';
import type { ColumnSort } from './drift-table.ts';

/** Intervals drawn for wide and for narrow screens. */
export interface ChartPair {
  readonly wide: Html;
  readonly narrow: Html;
}

export interface RunModel {
  readonly id: RunId;
  readonly run: Known<RunView>;
  readonly sort: ColumnSort;
  readonly charts: {
    /** the champion on this file beside what it scored before */
    readonly performance: ChartPair | null;
    /** champion and challenger on the rows that neither trained on */
    readonly comparison: ChartPair | null;
    /** challenger minus champion */
    readonly gain: ChartPair | null;
  };
  readonly temporal: string;
}
