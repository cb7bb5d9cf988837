/**
 * What rows that are no longer there had to say of the coefficients: the second-order expansion of their log-loss
 * about a point, which as a density is normal (Laplace's approximation).
 */
export interface LaplacePrior {
  /** the point, D coefficients */
  readonly center: Float64Array;
  /** first derivatives there */
  readonly gradient: Float64Array;
  /** second derivatives there: row-major, D × D, the lower triangle filled, or their diagonal alone, D numbers */
  readonly information: Float64Array;
}

/** The expansion at some coefficients, less its value at the point; adds its derivatives to `gradient`. */
export function priorAt(
  prior: LaplacePrior,
  coefficients: Float64Array,
  gradient: Float64Array,
): number {
  const apart = coefficients.map((value, c) => value - prior.center[c]);
  const curved = new Float64Array(apart.length);
  addInformation(prior, apart, curved);
  let value = 0;
  for (let c = 0; c < apart.length; c++) {
    value += apart[c] * (prior.gradient[c] + curved[c] / 2);
    gradient[c] += prior.gradient[c] + curved[c];
  }
  return value;
}

/** Adds the second derivatives times a direction to `out`. */
export function addInformation(
  { information }: LaplacePrior,
  direction: Float64Array,
  out: Float64Array,
): void {
  const size = direction.length;
  if (information.length === size) {
    for (let c = 0; c < size; c++) out[c] += information[c] * direction[c];
    return;
  }
  for (let c = 0; c < size; c++) {
    for (let d = 0; d < c; d++) {
      out[c] += information[c * size + d] * direction[d];
      out[d] += information[c * size + d] * direction[c];
    }
    out[c] += information[c * size + c] * direction[c];
  }
}
