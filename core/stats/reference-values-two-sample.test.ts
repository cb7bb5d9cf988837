/** Two-sample tests against values that SciPy and published benchmarks give for public data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { andersonDarlingStatistic } from './anderson-darling.ts';
import { baumgartnerWeissSchindlerStatistic } from './baumgartner-weiss-schindler.ts';
import {
  cramerVonMisesPValue,
  cramerVonMisesStatistic,
  cramerVonMisesTest,
} from './cramer-von-mises.ts';
import { energyDistance } from './energy-distance.ts';
import { eppsSingletonTest } from './epps-singleton.ts';
import { halfPrecision } from './fixtures/half-precision.ts';
import {
  CALIFORNIA_ANALYSIS,
  CALIFORNIA_REFERENCE,
  ELECTRICITY,
  GOLDEN,
  OCCUPANCY,
  expand,
  occupancyHalves,
  readColumns,
  readGolden,
  without,
} from './fixtures/reference-data.ts';
import type { TwoSampleValues } from './fixtures/reference-data.ts';
import { assertClose, sorted } from './fixtures/samples.ts';
import { ksTwoSample } from './ks.ts';
import { kuiperTest } from './kuiper.ts';
import { mannWhitneyTest } from './mann-whitney.ts';
import { welchTTest } from './welch-t.ts';

/** p-values below this are compared no more: SciPy’s are then roundings of 1 − cdf, or 0. */
const SMALLEST_P = 1e-6;

function assertP(actual: number, expected: number, what: string): void {
  if (expected < SMALLEST_P) assert.ok(actual < SMALLEST_P, `${what}: ${actual}`);
  else assertClose(actual, expected, what);
}

function assertAsScipy(
  name: string,
  x: Float64Array,
  y: Float64Array,
  expected: TwoSampleValues,
): void {
  const whitney = mannWhitneyTest(x, y);
  assertClose(whitney.statistic, expected.mannwhitneyu_two_sided.U, `${name} U`);
  assertP(whitney.pValue, expected.mannwhitneyu_two_sided.p, `${name} p of U`);

  const welch = welchTTest(x, y);
  assert.ok(welch.kind === 'tested');
  assertClose(welch.statistic, expected.welch_t.t, `${name} t`);
  assertClose(welch.degreesOfFreedom, expected.welch_t.df, `${name} degrees of freedom`);
  assertP(welch.pValue, expected.welch_t.p, `${name} p of t`);

  const t = cramerVonMisesStatistic(x, y);
  assertClose(t, expected.cvm_2samp.T, `${name} T`);
  const refused = cramerVonMisesTest(x, y);
  const p =
    refused.kind === 'tested' ? refused.pValue : cramerVonMisesPValue(t, x.length, y.length);
  assertP(p, expected.cvm_2samp.p, `${name} p of T`);

  const a = andersonDarlingStatistic(x, y);
  assertClose(a, expected.anderson_ksamp_midrank.A2, `${name} A²`);

  const { W, p: pOfW } = expected.epps_singleton;
  if (W !== null && pOfW !== null) {
    const epps = eppsSingletonTest(x, y);
    assert.ok(epps.kind === 'tested');
    // The covariance of (cos, sin) is nearly singular for some columns, which costs W digits.
    assertClose(epps.statistic, W, `${name} W`, pOfW < SMALLEST_P ? 1e-8 : 1e-9);
    assertP(epps.pValue, pOfW, `${name} p of W`);
  }
  assertClose(energyDistance(x, y), expected.energy_distance, `${name} energy`);
}

test('small samples agree with SciPy', { skip: without(GOLDEN) }, () => {
  const { lab8, cvm_small, dice_88 } = readGolden().literal;
  assertAsScipy('lab8', sorted(lab8.x), sorted(lab8.y), lab8.res);
  assertAsScipy('cvm_small', sorted(cvm_small.x), sorted(cvm_small.y), cvm_small.res);
  assertAsScipy('dice_88', expand(dice_88.counts_ref), expand(dice_88.counts_cur), dice_88.res);
});

test('the halves of Elec2 agree with SciPy', { skip: without(GOLDEN, ELECTRICITY) }, () => {
  const { split, cols } = readGolden().elec2_first_half_vs_second_half;
  const column = readColumns(ELECTRICITY);
  for (const name of ['nswprice', 'nswdemand', 'vicprice', 'vicdemand', 'transfer']) {
    const expected = cols[name];
    assert.ok(expected !== undefined);
    const values = column(name).map(Number);
    assertAsScipy(name, sorted(values.slice(0, split)), sorted(values.slice(split)), expected);
  }
});

test(
  'frouros’ values for the dates of Elec2 are met',
  { skip: without(GOLDEN, ELECTRICITY) },
  () => {
    const { split, cols } = readGolden().elec2_first_half_vs_second_half;
    const values = readColumns(ELECTRICITY)('date').map((date) => halfPrecision(Number(date)));
    const first = sorted(values.slice(0, split));
    const second = sorted(values.slice(split));
    const expected = cols['date_float16(frouros)'];
    assert.ok(expected !== undefined);
    assertAsScipy('date', first, second, expected);
    // frouros 0.10, tests/integration/test_data_drift.py, to as many digits as published
    assertClose(kuiperTest(first, second).statistic, 0.99576271, 'Kuiper', 1e-8);
    assertClose(ksTwoSample(first, second).statistic, 0.99576271, 'KS', 1e-8);
    assert.equal(mannWhitneyTest(first, second).statistic, 6912);
    assertClose(cramerVonMisesStatistic(first, second), 3776.09848103, 'T', 1e-11);
    assertClose(andersonDarlingStatistic(first, second), 23171.19994366, 'A²', 1e-12);
    const { statistic } = baumgartnerWeissSchindlerStatistic(first, second);
    assertClose(statistic, 108757.6352, 'B', 1e-9);
  },
);

test('D3Bench’s values for room occupancy are met', { skip: without(OCCUPANCY) }, () => {
  const halves = occupancyHalves();
  const energies = { measured: 0.00825241514, co2: 1.454720423, temperature: 0.4167697915 };
  for (const [name, expected] of Object.entries(energies)) {
    assertClose(energyDistance(...halves(name)), expected, `${name} energy`, 1e-8);
  }
  assertClose(ksTwoSample(...halves('measured')).pValue, 0.8637743096, 'p of KS', 3e-3);
  // Published with pooled variances, near to which the two here are.
  const measured = welchTTest(...halves('measured'));
  assert.ok(measured.kind === 'tested');
  assertClose(measured.pValue, 0.0158521938, 'p of t', 0.1);
  // 0 and 1 in samples of unequal size: published p-values are 2.5e-7 and .0012, where the shares are alike.
  assert.equal(cramerVonMisesTest(...halves('measured')).kind, 'not applicable');
});

test(
  'NannyML’s monthly Kolmogorov–Smirnov distances of California housing are met',
  { skip: without(CALIFORNIA_REFERENCE, CALIFORNIA_ANALYSIS) },
  () => {
    const published = {
      Longitude: 0.712709,
      Latitude: 0.672904,
      HouseAge: 0.201638,
      MedInc: 0.154952,
      AveOccup: 0.14389,
      AveRooms: 0.129277,
      AveBedrms: 0.08914,
      Population: 0.073562,
      id: 0.87428,
    };
    const before = readColumns(CALIFORNIA_REFERENCE);
    const after = readColumns(CALIFORNIA_ANALYSIS);
    for (const [name, expected] of Object.entries(published)) {
      const reference = before(name).map(Number);
      const distances = [before, after].flatMap((table) => {
        const months = table('timestamp').map((time) => time.slice(0, 7));
        const values = table(name).map(Number);
        return [...new Set(months)].map((month) => {
          const chunk = values.filter((_, row) => months[row] === month);
          return ksTwoSample(sorted(reference), sorted(chunk)).statistic;
        });
      });
      const mean = distances.reduce((sum, d) => sum + d, 0) / distances.length;
      assertClose(mean, expected, name, 1e-5);
    }
  },
);
