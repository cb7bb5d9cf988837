import { normalQuantile } from './normal-quantile.ts';
import { forEachDistinct, requireSamples } from './two-sample.ts';

/** An area under the ROC curve with its uncertainty. */
export interface AreaUnderCurve {
  /** in [0, 1]: the chance that a positive case scores above a negative one, ties half */
  readonly auc: number;
  readonly standardError: number;
}

/**
 * Area under the ROC curve with DeLong's standard error, which holds for ties and unequal spreads.
 *
 * AUC = Σ_i V_i / m with V_i = (#(negative < x_i) + ½ #(negative = x_i)) / n for each positive score x_i, W_j
 * likewise for each negative one; its variance is s²_V/m + s²_W/n.
 *
 * @param negatives n finite scores in ascending order
 * @param positives m finite scores in ascending order
 * @throws RangeError if n or m is below 2
 * @see DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44:837–845. O(n + m).
 */
export function areaUnderCurve(negatives: Float64Array, positives: Float64Array): AreaUnderCurve {
  requireSamples('auc', negatives, positives, 2);
  const n = negatives.length;
  const m = positives.length;
  let wins = 0;
  let squaresOfPositives = 0;
  let squaresOfNegatives = 0;
  forEachDistinct(negatives, positives, (_, i, a, j, b) => {
    const won = (i + a / 2) / n;
    const lost = (m - j - b / 2) / m;
    wins += b * won;
    // About ½, not 0, so that little cancels below.
    squaresOfPositives += b * (won - 0.5) ** 2;
    squaresOfNegatives += a * (lost - 0.5) ** 2;
  });
  const auc = wins / m;
  const centre = (auc - 0.5) ** 2;
  const ofPositives = Math.max(0, squaresOfPositives - m * centre) / (m - 1);
  const ofNegatives = Math.max(0, squaresOfNegatives - n * centre) / (n - 1);
  return { auc, standardError: Math.sqrt(ofPositives / m + ofNegatives / n) };
}

/**
 * Normal confidence interval of an area, kept within [0, 1].
 * @param confidence in (0, 1)
 * @throws RangeError if the confidence is not
 */
export function intervalOfArea(
  { auc, standardError }: AreaUnderCurve,
  confidence: number,
): { readonly low: number; readonly high: number } {
  const reach = -normalQuantile((1 - confidence) / 2) * standardError;
  return { low: Math.max(0, auc - reach), high: Math.min(1, auc + reach) };
}
