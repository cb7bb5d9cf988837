import { createRandom, type Random } from '../../core/random.ts';
import type { Table } from '../../core/table.ts';

const INFORMATIVE = 10;
const REDUNDANT = 5;
const NOISE = 5;
const CLUSTERS_PER_CLASS = 4;
const FLIPPED = 0.03;

/** Features of the table: x0 to x19. */
export const FEATURES: number = INFORMATIVE + REDUNDANT + NOISE;

/**
 * Data after scikit-learn's `make_classification` with 20 features, of which 10 are informative and 5 linear
 * combinations of those, 4 clusters a class and 3 % of labels drawn anew: `y` is the class. `z` is a number,
 * a linear function of the informative features with noise, for regression.
 * @see Guyon (2003), Design of experiments for the NIPS 2003 variable selection benchmark
 */
export function makeClassification(rows: number, seed: number): Table {
  const random = createRandom(seed);
  const normal = normals(random);
  const clusters = Array.from({ length: 2 * CLUSTERS_PER_CLASS }, () => ({
    // Chances are that random corners of a cube of 2^10 differ.
    center: Array.from({ length: INFORMATIVE }, () => (random() < 0.5 ? -1 : 1)),
    spread: matrix(INFORMATIVE, INFORMATIVE, random),
  }));
  const mixing = matrix(INFORMATIVE, REDUNDANT, random);
  const weights = Array.from({ length: INFORMATIVE }, normal);
  const x = Array.from({ length: FEATURES }, () => new Float64Array(rows));
  const codes = new Int32Array(rows);
  const z = new Float64Array(rows);
  const standard = new Float64Array(INFORMATIVE);
  for (let i = 0; i < rows; i++) {
    const cluster = clusters[Math.floor(random() * clusters.length)];
    if (cluster === undefined) continue;
    codes[i] = clusters.indexOf(cluster) % 2;
    if (random() < FLIPPED) codes[i] = random() < 0.5 ? 0 : 1;
    for (let j = 0; j < INFORMATIVE; j++) standard[j] = normal();
    const informative = cluster.center.map((c, j) => c + combination(standard, cluster.spread, j));
    z[i] = 5 * normal() + informative.reduce((sum, own, j) => sum + own * (weights[j] ?? 0), 0);
    x.forEach((column, j) => {
      if (j < INFORMATIVE) column[i] = informative[j] ?? 0;
      else if (j < INFORMATIVE + REDUNDANT)
        column[i] = combination(informative, mixing, j - INFORMATIVE);
      else column[i] = normal();
    });
  }
  return {
    rows,
    columns: [
      ...x.map((values, j) => ({ kind: 'numeric' as const, name: `x${j}`, values })),
      { kind: 'categorical', name: 'y', codes, dictionary: ['no', 'yes'] },
      { kind: 'numeric', name: 'z', values: z },
    ],
  };
}

/** Row j of the transposed matrix times the values. */
function combination(
  values: ArrayLike<number>,
  rows: readonly (readonly number[])[],
  j: number,
): number {
  let sum = 0;
  rows.forEach((row, i) => (sum += (values[i] ?? 0) * (row[j] ?? 0)));
  return sum;
}

/** Uniform in [−1, 1). */
function matrix(rows: number, columns: number, random: Random): number[][] {
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => 2 * random() - 1),
  );
}

/** Standard normal numbers by the polar method. */
function normals(random: Random): () => number {
  return () => {
    for (;;) {
      const u = 2 * random() - 1;
      const v = 2 * random() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
    }
  };
}
