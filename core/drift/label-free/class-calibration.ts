import { requireProbabilities } from '../../models/calibration/binary-sample.ts';
import { expectedCalibrationError } from '../../models/calibration/calibration-error.ts';
import { curveClasses, probabilitiesOfClass } from '../../models/calibration/calibration.ts';
import { stratifiedFolds } from '../../models/calibration/folds.ts';
import { applyIsotonic, fitIsotonic } from '../../models/calibration/isotonic.ts';
import type { IsotonicParams } from '../../models/calibration/isotonic.ts';

/** Probabilities that a classifier gave n rows. */
export interface ClassProbabilities {
  /** row-major, n × classes; each row sums to 1 */
  readonly probabilities: Float64Array;
  readonly classes: number;
}

/**
 * One curve a class, each of the class against the rest; for two classes the one curve of the second. null: its own
 * probabilities are closer to the truth, or too few rows are of the class, or of the others, to tell. Plain JSON.
 */
export type ClassCurves = readonly (IsotonicParams | null)[];

const FOLDS = 10;

/** Fewer rows of a class, or of the others, than this do not calibrate it: one in every fold. */
const LEAST_OF_A_CLASS = FOLDS;

/**
 * Learns to calibrate the probabilities of a classifier, class by class against the rest, by isotonic regression
 * where that lowers the expected calibration error out of fold (10 stratified folds).
 *
 * @param truth n indices of the true class; −1 = one that the classifier does not know
 * @param seed of the folds
 * @throws RangeError if n is 0, the lengths differ, or a probability is not in [0, 1]
 * @see Zadrozny & Elkan (2002), KDD 694–699; Kivimäki, Białek, Kuberski & Nurminen (2025), arXiv 2505.05295;
 *   NannyML 0.13.1, whose curves these are
 */
export function fitClassCurves(
  { probabilities, classes }: ClassProbabilities,
  truth: Int32Array,
  seed: number,
): ClassCurves {
  if (truth.length === 0 || probabilities.length !== truth.length * classes) {
    throw new RangeError(
      `cbpe: ${probabilities.length} probabilities of ${classes} classes and ${truth.length} outcomes; at least 1 outcome and ${classes} probabilities for each are needed`,
    );
  }
  requireProbabilities('cbpe', probabilities);
  return curveClasses(classes).map((k) => {
    const outcomes = truth.map((label) => Number(label === k));
    const positives = outcomes.reduce((sum, outcome) => sum + outcome, 0);
    if (Math.min(positives, outcomes.length - positives) < LEAST_OF_A_CLASS) return null;
    const foldOf = stratifiedFolds(outcomes, FOLDS, seed);
    const sample = ascending(probabilitiesOfClass(probabilities, classes, k), outcomes, foldOf);
    if (!calibrationHelps(sample)) return null;
    return fitIsotonic(sample.probabilities, sample.outcomes);
  });
}

/** Rows by their probability, with their outcomes and folds. */
interface FoldedSample {
  readonly probabilities: Float64Array;
  readonly outcomes: Int32Array;
  readonly foldOf: Int32Array;
}

/** Sorted once: the curves of all folds are fitted to parts of it. */
function ascending(
  probabilities: Float64Array,
  outcomes: Int32Array,
  foldOf: Int32Array,
): FoldedSample {
  const order = Int32Array.from(probabilities, (_, i) => i);
  order.sort((a, b) => probabilities[a] - probabilities[b]);
  return {
    probabilities: Float64Array.from(order, (row) => probabilities[row]),
    outcomes: order.map((row) => outcomes[row]),
    foldOf: order.map((row) => foldOf[row]),
  };
}

/**
 * Probabilities after calibration, row-major; each row sums to 1.
 * @throws RangeError if the curves are of another number of classes, or a probability is not in [0, 1]
 */
export function calibrateClasses(
  curves: ClassCurves,
  { probabilities, classes }: ClassProbabilities,
): Float64Array {
  requireProbabilities('cbpe', probabilities);
  const calibrated = curveClasses(classes);
  if (curves.length !== calibrated.length) {
    throw new RangeError(
      `cbpe: ${curves.length} curves; probabilities of ${classes} classes need ${calibrated.length}`,
    );
  }
  const columns = curves.map((curve, at) => {
    const own = probabilitiesOfClass(probabilities, classes, calibrated[at]);
    return curve === null ? own : applyIsotonic(curve, own);
  });
  if (classes === 2) {
    return probabilities.map((_, i) => (i % 2 === 1 ? columns[0][i >> 1] : 1 - columns[0][i >> 1]));
  }
  return normalised(columns, probabilities);
}

/** Columns side by side, each row divided by its sum. */
function normalised(columns: readonly Float64Array[], probabilities: Float64Array): Float64Array {
  const classes = columns.length;
  const out = probabilities.slice();
  for (let i = 0; i * classes < out.length; i++) {
    const sum = columns.reduce((total, column) => total + column[i], 0);
    // Curves may all say 0 of a row, which says nothing: it keeps its own probabilities.
    if (sum <= 0) continue;
    for (let k = 0; k < classes; k++) out[i * classes + k] = columns[k][i] / sum;
  }
  return out;
}

function calibrationHelps({ probabilities, outcomes, foldOf }: FoldedSample): boolean {
  const calibrated = new Float64Array(probabilities.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const isLearned = (_: number, i: number): boolean => foldOf[i] !== fold;
    const curve = fitIsotonic(probabilities.filter(isLearned), outcomes.filter(isLearned));
    const own = applyIsotonic(
      curve,
      probabilities.filter((_, i) => foldOf[i] === fold),
    );
    let next = 0;
    for (let i = 0; i < foldOf.length; i++) if (foldOf[i] === fold) calibrated[i] = own[next++];
  }
  return (
    expectedCalibrationError(calibrated, outcomes) <
    expectedCalibrationError(probabilities, outcomes)
  );
}
