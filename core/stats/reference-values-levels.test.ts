/** Distances over levels and bins against values that SciPy and published benchmarks give. */
import { test } from 'node:test';
import { bhattacharyyaDistance } from './bhattacharyya.ts';
import { energyDistance } from './energy-distance.ts';
import { numpyRandom } from './fixtures/numpy-random.ts';
import {
  OCCUPANCY,
  isBeforeSplit,
  occupancyHalves,
  readColumns,
  without,
} from './fixtures/reference-data.ts';
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

/** numpy's number of bins by Doane's rule, of the values of the reference. */
function doaneBins(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const moment = (power: number): number =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / n;
  const skewness = moment(3) / moment(2) ** 1.5;
  const error = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  return Math.ceil(1 + Math.log2(n) + Math.log2(1 + Math.abs(skewness) / error));
}

test(
  'NannyML’s means over ten chunks of room occupancy are met',
  { skip: without(OCCUPANCY) },
  () => {
    const column = readColumns(OCCUPANCY);
    const isReference = isBeforeSplit(column('time'));
    const published = {
      measured: { js: 0.0301773, hellinger: 0.0251635, tolerance: 2e-6 },
      co2: { js: 0.3304135746721289, hellinger: 0.2906073662, tolerance: 1e-9 },
      temperature: { js: 0.6397224776, hellinger: 0.6027105871, tolerance: 1e-9 },
    };
    for (const [name, { js, hellinger, tolerance }] of Object.entries(published)) {
      const values = column(name).map(Number);
      const reference = values.filter((_, row) => isReference[row]);
      const current = values.filter((_, row) => !isReference[row]);
      const low = Math.min(...reference);
      const high = Math.max(...reference);
      const bins = doaneBins(reference);
      // Bins over the range of the reference, and one for all that lies outside.
      const count = (sample: readonly number[]): number[] => {
        const counts = new Array<number>(bins + 1).fill(0);
        for (const value of sample) {
          const inside = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
          const bin = value < low || value > high ? bins : inside;
          counts[bin] = (counts[bin] ?? 0) + 1;
        }
        return counts;
      };
      const before = count(reference);
      const size = Math.floor(current.length / 10);
      const chunks = Array.from({ length: 10 }, (_, c) =>
        count(current.slice(c * size, c === 9 ? undefined : (c + 1) * size)),
      );
      const mean = (distance: typeof hellingerDistance): number =>
        chunks.reduce((sum, chunk) => sum + distance(before, chunk), 0) / chunks.length;
      assertClose(mean(jensenShannonDistance), js, `${name} Jensen–Shannon`, tolerance);
      assertClose(mean(hellingerDistance), hellinger, `${name} Hellinger`, tolerance);
    }
  },
);
