import type { BreakerState } from './breaker.ts';
import type { PerformanceEstimate } from './drift/label-free/estimate.ts';
import type { Degradation } from './drift/rules/calmops-performance.ts';
import type { TogetherFinding } from './drift/together-finding.ts';
import type { Performance, Comparison } from './models/metrics/evaluation.ts';

/** What is known about a file when the decision is taken. */
export interface Evidence {
  readonly labelled: boolean;
  readonly hasChampion: boolean;
  readonly predictionOnly: boolean;
  readonly drift: {
    readonly materialCount: number;
    /** the columns with a material change, strongest first; may be cut */
    readonly material: readonly string[];
    readonly testedColumns: number;
    readonly insufficient: number;
    /** the columns taken together; absent or null where they could not be tested */
    readonly together?: TogetherFinding | null;
  } | null;
  readonly performance: Performance | null;
  /** the champion by the rule of CalmOps for Python; absent or null where the pipeline does not ask for it */
  readonly degradation?: Degradation | null;
  /** of a file without labels; absent or null where it was not asked for */
  readonly estimated?: PerformanceEstimate | null;
  /** previous model against champion on this file; `promote` means that previous is better */
  readonly previous: Comparison | null;
  /** a challenger whose time beside the champion ends with this file, on all the files that both met */
  readonly shadow?: Comparison | null;
  /** why no retraining may begin now, beside the breaker, such as a promotion a moment ago */
  readonly resting?: string | null;
  readonly breaker: BreakerState;
  /** set when a person asked for a retraining */
  readonly forced: { readonly by: string; readonly why: string } | null;
}
