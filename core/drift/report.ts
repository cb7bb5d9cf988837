import type { DriftExplanation } from './explain/explain.ts';
import type { QualityFinding } from './quality/quality.ts';

/**
 * What drift detection says about one dataset file: numbers only, no decision. JSON-safe: every number
 * is finite.
 */
export interface DriftReport {
  readonly referenceRows: number;
  readonly currentRows: number;
  /** one entry a column: those of the reference in its order, then those that only the current table has */
  readonly columns: readonly ColumnDrift[];
  /**
   * The columns taken together: changed dependence, that none of them shows by itself. Absent where it was not
   * asked for, and from reports of earlier versions.
   */
  readonly together?: Together | null;
  /** facts about the file as data, beside the tests; absent from reports of earlier versions */
  readonly quality?: readonly QualityFinding[];
  /** hypotheses tested, over all columns and over the columns together: the family that the correction covers */
  readonly tests: number;
  /** names of the columns with a material change, strongest first */
  readonly material: readonly string[];
  /**
   * Largest effect ÷ its threshold over the significant changes; 0 when none is significant.
   * 1 and above is a material change.
   */
  readonly score: number;
  /**
   * Smallest adjusted p of the changes that are large enough to be material, as a p-value of the whole file: it is
   * at or below drift's share of the false-alarm rate exactly when the file has a material change. 1 if no change
   * is that large, null if nothing could be tested. Absent from reports of earlier versions.
   */
  readonly filePValue?: number | null;
  /** where and since when; absent when nothing material changed */
  readonly explanation?: DriftExplanation;
}

/** What was found over columns together. */
export interface Together {
  /** those that were looked at: each with its distribution tested, of one kind in both tables */
  readonly columns: readonly string[];
  /** rows that were looked at, drawn at random where there are more */
  readonly referenceRows: number;
  readonly currentRows: number;
  readonly tests: readonly JointTest[];
  /** whether a test that decides found a material change */
  readonly material: boolean;
}

/** One test over all columns together. */
export interface JointTest {
  /** the field's name of the test */
  readonly test: JointTestName;
  /** true: a hypothesis of the family, its change counts as drift; false: shown beside */
  readonly decides: boolean;
  readonly outcome: JointOutcome;
}

export type JointTestName =
  'domain classifier' | 'PCA reconstruction' | 'maximum mean discrepancy' | 'energy distance';

export type JointOutcome =
  | {
      readonly kind: 'tested';
      /** area under the ROC curve; Kolmogorov–Smirnov's D of the errors; MMD²; energy distance */
      readonly statistic: number;
      /** rows compared: of the reference n, of the file m */
      readonly n: number;
      readonly m: number;
      readonly pValue: number;
      /** null where the test does not decide */
      readonly decision: {
        readonly adjustedPValue: number;
        readonly effect: Effect;
        readonly significant: boolean;
        readonly material: boolean;
      } | null;
      /** how much of the change each column carries, largest first, at most 10; empty where there is none to share */
      readonly attribution: readonly { readonly column: string; readonly share: number }[];
    }
  | { readonly kind: 'insufficient'; readonly reason: string }
  /** a test that does not decide and was spared, since those that do saw nothing */
  | { readonly kind: 'not needed'; readonly reason: string }
  /** an error: the question is open, which is not the same as no drift */
  | { readonly kind: 'failed'; readonly reason: string };

/** What was found in one column. */
export interface ColumnDrift {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical' | 'time';
  readonly outcome: ColumnOutcome;
  /** absent where the rows of the reference are independent, or are taken as such */
  readonly dependence?: RowsDepend;
  /** share of missing values, 0 to 1 */
  readonly missing: { readonly reference: number; readonly current: number };
  /** categories met in one table only; absent unless the column is compared as categories */
  readonly categories?: CategoryChanges;
  /** what the two columns look like, over common bins; absent when there is nothing to draw */
  readonly histogram?: Histogram;
}

/** That neighbouring rows resemble one another. */
export interface RowsDepend {
  /** rows that count as one, at least 1 */
  readonly designEffect: number;
  /** `beyond`: over more rows than the reference can tell, so that alarms may be more frequent than promised */
  readonly reach: 'learned' | 'beyond';
}

export type ColumnOutcome =
  | {
      readonly kind: 'tested';
      readonly changes: readonly Change[];
      /** null when there are no values to compare on one side, or the distribution was set aside */
      readonly distances: Distances | null;
      /** why only the missing values were tested; absent when the distribution was tested too */
      readonly note?: string;
    }
  /** recognised as an identifier, constant, monotone or time column, or ignored by the pipeline */
  | { readonly kind: 'set-aside'; readonly reason: string }
  | {
      readonly kind: 'insufficient';
      readonly n: number;
      /** independent values that they are worth, where neighbouring rows resemble one another */
      readonly effective?: number;
      readonly required: number;
    }
  /** only one of the tables has the column */
  | { readonly kind: 'absent'; readonly from: 'reference' | 'current'; readonly reason: string }
  /** numbers in one table, categories or times in the other */
  | { readonly kind: 'kind changed'; readonly reason: string };

/** Categories that appeared or vanished. Rare ones come and go by chance: this decides nothing. */
export interface CategoryChanges {
  /** categories of the current table that the reference does not have, and how many values they hold */
  readonly added: number;
  readonly addedValues: number;
  /** categories of the reference that the current table does not have */
  readonly lost: number;
  /** at most 5 of the added ones, most frequent first */
  readonly examples: readonly string[];
}

/** One hypothesis tested on a column. */
export interface Change {
  readonly about: 'distribution' | 'missing values';
  /** the field's name of the test */
  readonly test:
    | 'Kolmogorov–Smirnov'
    | 'Kuiper'
    | 'Cramér–von Mises'
    | 'Anderson–Darling'
    | 'Mann–Whitney U'
    | 'Welch t'
    | 'Epps–Singleton'
    | 'Baumgartner–Weiss–Schindler'
    | 'G'
    | 'χ² homogeneity'
    | 'χ² Monte Carlo'
    | 'two proportions'
    | 'Fisher’s exact';
  /** why another test than the one that the pipeline asks for was made; absent where it was that one */
  readonly instead?: string;
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
  /** adjustedPValue ≤ the share of the false-alarm rate that drift may spend, see `false-alarms.ts` */
  readonly significant: boolean;
  /** significant, and the effect is at or above its threshold */
  readonly material: boolean;
}

/** How large a change is, beside how sure. */
export interface Effect {
  readonly name:
    | 'Wasserstein ÷ σ'
    | 'Cramér’s V'
    | 'difference of shares'
    | 'PSI'
    | 'PSI above chance'
    | 'Hellinger above chance'
    | 'Jensen–Shannon above chance'
    | 'AUC above ½'
    | 'D of the errors above chance';
  readonly value: number;
  readonly threshold: number;
}

/**
 * Distances shown beside the tests; they decide nothing. Over the categories, or over ten quantile bins of
 * the reference for numbers.
 */
export interface Distances {
  readonly psi: number;
  readonly jensenShannon: number;
}

/**
 * Shares over common bins; `edges` has one more entry than the shares. The outermost numeric bins hold what
 * lies beyond their outer edge too; the last label may stand for all other categories.
 */
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
