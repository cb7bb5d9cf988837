/**
 * Turns rows of scores into rows of probabilities, in place: exp(s_k) / Σ_l exp(s_l).
 *
 * @param scores row-major, rows × classes; finite, or −Infinity for an impossible class, but one of each row finite
 */
export function softmaxRows(scores: Float64Array, classes: number): void {
  for (let from = 0; from < scores.length; from += classes) {
    let largest = -Infinity;
    for (let k = 0; k < classes; k++) largest = Math.max(largest, scores[from + k]);
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      const weight = Math.exp(scores[from + k] - largest);
      scores[from + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < classes; k++) scores[from + k] /= sum;
  }
}

/** The logistic function, 1 / (1 + exp(−score)). */
export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
