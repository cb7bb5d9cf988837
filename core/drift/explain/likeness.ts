/**
 * How much more likely a value is in the current sample than in the reference, by its cell: ln(q_k/p_k) for shares p
 * and q of cell k, half a value added to each count, times 1 − 4/z² where the difference is z > 2 standard errors and
 * 0 where it is less, so that chance hardly tells (the positive part of James and Stein's factor).
 *
 * @param before values of the reference in each cell, at least one in all
 * @param now values of the current sample in each cell, likewise
 */
export function likenessOfCells(before: Float64Array, now: Float64Array): Float64Array {
  const n = before.reduce((sum, count) => sum + count, 0);
  const m = now.reduce((sum, count) => sum + count, 0);
  return before.map((count, k) => {
    const pooled = (count + now[k]) / (n + m);
    const difference = now[k] / m - count / n;
    const squaredError = pooled * (1 - pooled) * (1 / n + 1 / m);
    const kept = 1 - (LEAST_Z ** 2 * squaredError) / difference ** 2;
    if (!(kept > 0)) return 0;
    return kept * Math.log(((now[k] + 0.5) * (n + 1)) / ((count + 0.5) * (m + 1)));
  });
}

const LEAST_Z = 2;

/** How many values are in each cell. */
export function countCells(cells: Int32Array, count: number): Float64Array {
  const counts = new Float64Array(count);
  for (const cell of cells) counts[cell]++;
  return counts;
}
