/** Distances over levels and bins against values that SciPy and published benchmarks give. */
import { test } from 'node:test';
import { bhattacharyyaDistance } from './bhattacharyya.ts';
import { energyDistance } from './energy-distance.ts';
import { numpyRandom } from './fixtures/numpy-random.ts';
import { OCCUPANCY, occupancyHalves, without } from './fixtures/reference-data.ts';
import { assertClose } from './fixtures/samples.ts';
import { hellingerDistance } from './hellinger.ts';
import { jensenShannonDistance } from './jensen-shannon.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import { totalVariation } from './total-variation.ts';
import { wassersteinDistance } from './wasserstein.ts';

/** Counts in bins of equal width over the range of both samples, as numpy.histogram has it. */
function commonBins(x: Float64Array, y: Float64Array, bins: number): readonly [number[], number[]] {
  const low = Math.min(x[0] ?? NaN, y[0] ?? NaN);
  const high = Math.max(x.at(-1) ?? NaN, y.at(-1) ?? NaN);
  const count = (values: Float64Array): number[] => {
    const counts = new Array<number>(bins).fill(0);
    for (const value of values) {
      const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts;
  };
  return [count(x), count(y)];
}

/** Shares in which an empty bin has the given one, so that the others add to 1 without it. */
function filledShares(counts: readonly number[], empty: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (count === 0 ? empty : count / total));
}

/** The population stability index of filled shares, as the sum of both directions of Kullback and Leibler's divergence. */
function symmetricDivergence(p: readonly number[], q: readonly number[]): number {
  return p.reduce(
    (sum, share, k) => sum + ((q[k] ?? NaN) - share) * Math.log((q[k] ?? NaN) / share),
    0,
  );
}

test('frouros’ values for normal samples of seed 31 are met', () => {
  const sample = (mean: number, deviation: number): Float64Array =>
    numpyRandom(31).normal(mean, deviation, 100).sort();
  const [x, y] = [sample(1, 1), sample(5, 2)];
  // frouros 0.10, tests/integration/test_data_drift.py, to as many digits as published
  assertClose(wassersteinDistance(x, y), 3.85346006, 'Wasserstein', 2e-9);
  assertClose(energyDistance(x, y), 2.11059982, 'energy', 2e-9);
  const [before, now] = commonBins(x, y, 10);
  assertClose(totalVariation(before, now), 0.78, 'complement of the intersection');
  assertClose(hellingerDistance(before, now), 0.74509099, 'Hellinger', 1e-8);
  assertClose(bhattacharyyaDistance(before, now), 0.810041883, 'Bhattacharyya', 1e-7);
  const smallest = 2.2250738585072014e-308;
  const psi = symmetricDivergence(filledShares(before, smallest), filledShares(now, smallest));
  assertClose(psi, 461.20379435, 'PSI', 1e-10);
});

test('D3Bench’s values for room occupancy are met', { skip: without(OCCUPANCY) }, () => {
  const halves = occupancyHalves();
  // Evidently’s bins: one a value up to 20 values, else Sturges’; empty ones are filled with 1e-4 for KL and PSI.
  const published = {
    measured: {
      bins: 2,
      js: 0.0083661801,
      kl: 0.00027616256,
      psi: 0.000560119493,
      h: 0.00836683636,
    },
    co2: { bins: 17, js: 0.15451259168, kl: 0.09454845662, psi: 0.18866934441, h: 0.1557296402 },
    temperature: { bins: 17, js: 0.4372727628, kl: 1.112666564, psi: 1.905698512, h: 0.4597190676 },
  };
  for (const [name, { bins, js, kl, psi, h }] of Object.entries(published)) {
    const [before, now] = commonBins(...halves(name), bins);
    // Evidently’s is in nats, ours in bits.
    const nats = jensenShannonDistance(before, now) * Math.sqrt(Math.LN2);
    assertClose(nats, js, `${name} Jensen–Shannon`, 1e-8);
    assertClose(hellingerDistance(before, now), h, `${name} Hellinger`, 1e-8);
    const [p, q] = [filledShares(before, 1e-4), filledShares(now, 1e-4)];
    assertClose(symmetricDivergence(p, q), psi, `${name} PSI`, 1e-8);
    // Filled shares do not add to 1, which SciPy’s entropy mends as the divergence does.
    assertClose(kullbackLeibler(p, q, 0), kl, `${name} Kullback–Leibler`, 1e-8);
  }
});
