/** What every stream detector promises, whichever it is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { streamDetectors, type StreamDetectorName } from './all-detectors.ts';
import { NumpyRandom } from './fixtures/mersenne-twister.ts';
import { runDetector, type AnyStreamDetector } from './stream-detector.ts';

const detectors = Object.entries(streamDetectors);

/** 2,000 stable values and 500 after a change for the worse, of the kind that the detector takes. */
function changingStream({ input }: AnyStreamDetector, seed: number): number[] {
  const random = new NumpyRandom(seed);
  return input === 'number'
    ? [...random.normals(0, 1, 2000), ...random.normals(6, 1, 500)]
    : [...random.bernoulli(0.2, 2000), ...random.bernoulli(0.9, 500)];
}

const valuesFor = ({ input }: AnyStreamDetector): fc.Arbitrary<number> => {
  if (input === 'error') return fc.constantFrom(0, 1);
  if (input === 'loss') return fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0);
  const numbers = fc.double({ min: -1e100, max: 1e100, noNaN: true });
  // JSON knows no −0.
  return fc.oneof(numbers, fc.constantFrom(0, 1, 0.1)).map((x) => x + 0);
};

/** Options under which a short stream reaches every branch. */
const quickOptions: Readonly<Record<StreamDetectorName, object>> = {
  adwin: { clock: 1, delta: 0.3 },
  ddm: { minValues: 5 },
  eddm: { minErrors: 3 },
  rddm: { minValues: 3, minConcept: 8, maxConcept: 20, warningLimit: 4 },
  hddmA: { changeAlpha: 0.2, warningAlpha: 0.4, sides: 'both' },
  hddmW: { changeAlpha: 0.2, warningAlpha: 0.4, lambda: 0.3, sides: 'both' },
  ecdd: { minValues: 5 },
  ewmaChart: { minValues: 5, threshold: 2 },
  shewhart: { minValues: 5 },
  stepd: { window: 5 },
  wstd: { recent: 5, older: 10, minOlder: 5 },
  fhddm: { window: 10, shortWindow: 5, alpha: 0.1 },
  cusum: { minValues: 5, reference: 'first values', slack: 0.5, threshold: 3, sides: 'both' },
  pageHinkley: { minValues: 5, threshold: 1 },
  gma: { minValues: 5, threshold: 0.1, sides: 'both' },
  kswin: { alpha: 0.2, window: 20, sample: 5 },
  bocd: { minValues: 5, maxRuns: 10 },
};

/** Options that keep the restless ones quiet on 2,000 stable values; ECDD and EDDM are so whatever one does. */
const calm: Readonly<Partial<Record<StreamDetectorName, object>>> = {
  eddm: { warningShare: 0.85, changeShare: 0.75 },
  rddm: { warningLevel: 3, changeLevel: 3.5 },
  stepd: { warningAlpha: 1e-4, changeAlpha: 1e-5 },
  ewmaChart: { threshold: 6 },
  shewhart: { threshold: 5 },
  cusum: { reference: 'first values', minValues: 200, slack: 0.5, threshold: 20 },
  kswin: { alpha: 1e-6 },
  bocd: { hazard: 1e-6 },
};

for (const [key, detector] of detectors) {
  const options = quickOptions[key as StreamDetectorName];

  describe(detector.name, () => {
    test('finds a large change soon after it happened', () => {
      const stream = changingStream(detector, 1);
      const { changes } = runDetector(detector, stream, calm[key as StreamDetectorName]);
      const first = changes.find((change) => change >= 2000);
      assert.ok(first !== undefined && first < 2200, `changes at ${changes.join(', ')}`);
      if (key !== 'ecdd' && key !== 'eddm') assert.equal(changes[0], first, 'no alarm before');
    });

    test('stored as JSON in the middle of a stream, it goes on as if nothing had been', () => {
      fc.assert(
        fc.property(fc.array(valuesFor(detector), { minLength: 30, maxLength: 120 }), (values) => {
          const straight = detector.open(options);
          let stored = detector.open(options);
          for (const x of values) {
            stored = JSON.parse(JSON.stringify(stored)) as object;
            assert.equal(detector.advance(stored, x), detector.advance(straight, x));
            assert.deepEqual(stored, straight);
          }
        }),
        { seed: 5, numRuns: 60 },
      );
    });

    test('a state is plain JSON at every step, without NaN or Infinity', () => {
      fc.assert(
        fc.property(fc.array(valuesFor(detector), { maxLength: 120 }), (values) => {
          const state = detector.open(options);
          for (const x of values) {
            detector.advance(state, x);
            assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
          }
        }),
        { seed: 6, numRuns: 60 },
      );
    });

    test('says nothing on a stream that never varies', () => {
      const constants = detector.input === 'number' ? [0, 1, 0.1, -3.7, 12345.678] : [0, 1];
      for (const x of constants) {
        const stream = new Array<number>(3000).fill(x);
        assert.deepEqual(runDetector(detector, stream), { warnings: [], changes: [] }, `all ${x}`);
      }
    });

    test('its state does not grow with the stream', () => {
      const random = new NumpyRandom(2);
      const stream = random.bernoulli(0.3, 30_000);
      const state = detector.open(key === 'bocd' ? { dataVariance: 0.21 } : {});
      let largest = 0;
      stream.forEach((x, i) => {
        detector.advance(state, x);
        if (i % 1000 === 999) largest = Math.max(largest, JSON.stringify(state).length);
      });
      assert.ok(largest < 50_000, `${largest} characters`);
    });

    test('refuses what is not a value of its kind and keeps its state', () => {
      const never = [NaN, Infinity, -Infinity, 1e101];
      const others = { error: [0.5, 2, -1], loss: [1.0001, -0.1], number: [] };
      const state = detector.open();
      detector.advance(state, 1);
      const before = structuredClone(state);
      for (const x of [...never, ...others[detector.input]]) {
        assert.throws(() => detector.advance(state, x), {
          name: 'RangeError',
          message: new RegExp(`^${detector.name}: .*, got ${String(x).replace('+', '\\+')}$`),
        });
      }
      assert.deepEqual(state, before);
    });

    test('refuses numeric options that are out of range', () => {
      for (const [option, value] of Object.entries(detector.defaults)) {
        if (typeof value !== 'number' || option === 'ddof' || option === 'tails') continue;
        for (const wrong of [NaN, Infinity]) {
          assert.throws(() => detector.open({ [option]: wrong }), RangeError, option);
        }
        if (option === 'priorMean') continue;
        assert.throws(() => detector.open({ [option]: -1 }), RangeError, option);
      }
    });
  });
}
