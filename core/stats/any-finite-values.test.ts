/** What every two-sample test promises for whatever finite values there are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { andersonDarlingTest } from './anderson-darling.ts';
import { baumgartnerWeissSchindlerTest } from './baumgartner-weiss-schindler.ts';
import { cramerVonMisesTest } from './cramer-von-mises.ts';
import { energyDistance } from './energy-distance.ts';
import { eppsSingletonTest } from './epps-singleton.ts';
import { sorted } from './fixtures/samples.ts';
import { ksTwoSample } from './ks.ts';
import { kuiperTest } from './kuiper.ts';
import { mannWhitneyTest } from './mann-whitney.ts';
import type { TwoSampleOutcome } from './two-sample.ts';
import { wassersteinDistance } from './wasserstein.ts';
import { welchTTest } from './welch-t.ts';

const TESTS: Readonly<Record<string, (x: Float64Array, y: Float64Array) => TwoSampleOutcome>> = {
  'Anderson–Darling': andersonDarlingTest,
  'Baumgartner–Weiss–Schindler': baumgartnerWeissSchindlerTest,
  'Cramér–von Mises': cramerVonMisesTest,
  'Epps–Singleton': eppsSingletonTest,
  'Kolmogorov–Smirnov': (x, y) => ({
    kind: 'tested',
    n: x.length,
    m: y.length,
    ...ksTwoSample(x, y),
  }),
  Kuiper: kuiperTest,
  'Mann–Whitney': mannWhitneyTest,
  Welch: welchTTest,
};

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0, Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE),
);
const sample = fc.array(value, { minLength: 2, maxLength: 30 }).map(sorted);

for (const [name, run] of Object.entries(TESTS)) {
  test(`${name}: p is in [0, 1], nothing is NaN, inputs stay as they are`, () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const before = [x.slice(), y.slice()];
        const result = run(x, y);
        assert.deepEqual([x, y], before);
        assert.equal(result.n, x.length);
        assert.equal(result.m, y.length);
        if (result.kind === 'not applicable') return;
        assert.ok(result.pValue >= 0 && result.pValue <= 1, String(result.pValue));
        assert.ok(!Number.isNaN(result.statistic));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test(`${name}: it does not matter which sample is the reference`, () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const [there, back] = [run(x, y), run(y, x)];
        assert.equal(there.kind, back.kind);
        if (there.kind !== 'tested' || back.kind !== 'tested') return;
        assert.ok(Math.abs(there.pValue - back.pValue) <= 1e-9, `${there.pValue}, ${back.pValue}`);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test(`${name}: equal samples are no evidence of change`, () => {
    fc.assert(
      fc.property(sample, (x) => {
        const result = run(x, x);
        if (result.kind === 'tested') assert.ok(result.pValue > 0.5, String(result.pValue));
      }),
      { seed: 1, numRuns: 100 },
    );
  });
}

const DISTANCES = {
  'energy distance': energyDistance,
  'Wasserstein distance': wassersteinDistance,
};

for (const [name, distanceOf] of Object.entries(DISTANCES)) {
  test(`the ${name} is finite, and the same both ways`, () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const distance = distanceOf(x, y);
        assert.ok(distance >= 0 && Number.isFinite(distance), String(distance));
        const back = distanceOf(y, x);
        assert.ok(Math.abs(back - distance) <= 1e-12 * distance, `${back} and ${distance}`);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
}
