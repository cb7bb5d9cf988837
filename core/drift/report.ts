/**
 * What drift detection says about one dataset file: numbers only, no decision.
 */
export interface DriftReport {
  readonly referenceRows: number;
  readonly currentRows: number;
  /** one entry a column, in table order */
  readonly columns: readonly ColumnDrift[];
  /** hypotheses tested over all columns: the family that Holm's correction covers */
  readonly tests: number;
  /** names of the columns with a material change, strongest first */
  readonly material: readonly string[];
  /**
   * Largest effect ÷ its threshold over the significant changes; 0 when none is significant.
   * 1 and above is a material change.
   */
  readonly score: number;
}

/** What was found in one column. */
export interface ColumnDrift {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical' | 'time';
  readonly outcome: ColumnOutcome;
  /** share of missing values, 0 to 1 */
  readonly missing: { readonly reference: number; readonly current: number };
  /** what the two columns look like, over common bins; absent when there is nothing to draw */
  readonly histogram?: Histogram;
}

export type ColumnOutcome =
  | { readonly kind: 'tested'; readonly changes: readonly Change[]; readonly distances: Distances }
  /** recognised as an identifier, constant, monotone or time column, or ignored by the pipeline */
  | { readonly kind: 'set-aside'; readonly reason: string }
  | { readonly kind: 'insufficient'; readonly n: number; readonly required: number };

/** One hypothesis tested on a column. */
export interface Change {
  readonly about: 'distribution' | 'missing values';
  /** the field's name of the test, e.g. `Kolmogorov–Smirnov`, `χ² homogeneity` */
  readonly test: string;
  readonly statistic: number;
  /** values compared: reference n, current m */
  readonly n: number;
  readonly m: number;
  readonly pValue: number;
  /** Holm-adjusted over the family: the figure the decision uses */
  readonly adjustedPValue: number;
  /** Benjamini–Hochberg-adjusted: the figure a table of columns shows */
  readonly falseDiscoveryRate: number;
  readonly effect: Effect;
  /** adjustedPValue ≤ falseAlarmRate */
  readonly significant: boolean;
  /** significant, and the effect is at or above its threshold */
  readonly material: boolean;
}

/** How large a change is, beside how sure. */
export interface Effect {
  readonly name: 'Wasserstein ÷ σ' | 'Cramér’s V' | 'difference of shares';
  readonly value: number;
  readonly threshold: number;
}

/** Distances shown beside the tests; they decide nothing. */
export interface Distances {
  readonly psi: number;
  readonly jensenShannon: number;
}

/** Shares over common bins; `bins` has one more entry than the shares when numeric. */
export type Histogram =
  | {
      readonly kind: 'numeric';
      readonly edges: readonly number[];
      readonly reference: readonly number[];
      readonly current: readonly number[];
    }
  | {
      readonly kind: 'categorical';
      readonly labels: readonly string[];
      readonly reference: readonly number[];
      readonly current: readonly number[];
    };
