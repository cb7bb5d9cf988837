import type { Rows } from '../stats/design-effect.ts';
import type { DistanceMeasure } from './chosen-effects.ts';
import type { NumericTest, CategoricalTest } from './chosen-tests.ts';

export interface DetectionOptions {
  /** chance of any alarm on a file without change, in (0, 1); the drift tests may spend half of it */
  readonly falseAlarmRate: number;
  /** fewer values than this in either table are not tested */
  readonly minRows: number;
  /** absent: the promise. `calmops`: the rule of CalmOps for Python, see `compareAsCalmops` */
  readonly rule?: 'promise' | 'calmops' | undefined;
  /** absent: `learned`, see `designEffectOf` */
  readonly rows?: Rows | undefined;
  /** absent: the test that fits the kind of the column */
  readonly numeric?: NumericTest | undefined;
  readonly categorical?: CategoricalTest | undefined;
  /** from which a significant change is material */
  readonly effect: {
    /** W₁ ÷ σ of the reference */
    readonly wasserstein: number;
    /** bias-corrected Cramér's V */
    readonly cramersV: number;
    /** difference of the shares of missing values */
    readonly missing: number;
    /** columns together: AUC above ½, or D of the errors above chance; absent: 0.05 */
    readonly together?: number | undefined;
    /** what the size of a column's change is measured by; absent: by the measure of its kind */
    readonly measure?: 'auto' | DistanceMeasure | undefined;
    /** of that distance, chance taken away; absent: 0.1 */
    readonly distance?: number | undefined;
  };
  /** its distribution is tested like any other; that it is missing is no drift */
  readonly target: string;
  readonly timeColumn?: string;
  /** columns that are not tested */
  readonly ignore: readonly string[];
}
