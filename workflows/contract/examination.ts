/** What was found on a file before anything was decided: drift, and how the champion does. */
import type { ErrorCourse } from '../../core/drift/explain/error-course.ts';
import type { KindsOfChange } from '../../core/drift/explain/kinds.ts';
import type { Degradation } from '../../core/drift/rules/calmops-performance.ts';
import type { TogetherFinding } from '../../core/drift/together-finding.ts';
import type { Comparison, Performance } from '../../core/models/metrics/evaluation.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';

/** Drift in one line; the whole report is in the store. */
export interface DriftSummary {
  readonly report: ArtefactRef;
  readonly score: number;
  readonly tests: number;
  readonly testedColumns: number;
  readonly columns: number;
  readonly materialCount: number;
  /** of the file over all of its drift tests: drift is found if it is at or below drift's share of the rate */
  readonly filePValue?: number | null;
  /** the columns taken together: what the strongest test says; null where they could not be tested */
  readonly together?: TogetherFinding | null;
  /** at most 10 of the columns with a material change, strongest first */
  readonly material: readonly string[];
  /** columns that had too few values to test */
  readonly insufficient: number;
  /** names of the files it was compared with, oldest first; absent: the data of the champion's training */
  readonly comparedWith?: readonly string[];
}

/** The champion and, where there is one, the previous model on a new file. */
export interface ChampionEvaluation {
  readonly champion: Performance;
  /** previous model against champion on all rows of the file; null when there is no previous */
  readonly previous: Comparison | null;
  /** the champion's errors in the order of the rows; absent where the pipeline does not want them watched */
  readonly errors?: ErrorCourse;
  /** the change taken apart into that of inputs, outcomes and concept; absent or null where it cannot be */
  readonly kinds?: KindsOfChange | null;
  /** by the rule of CalmOps for Python; absent where the pipeline does not ask for it */
  readonly degradation?: Degradation;
}
