import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ksTwoSample } from '../../stats/ks.ts';
import { normalSurvival } from '../../stats/special-functions.ts';
import { criticalKs, criticalNormal } from './critical-values.ts';
import { NumpyRandom } from './fixtures/mersenne-twister.ts';
import { ksDistance } from './ks-distance.ts';
import { kswin } from './kswin.ts';
import { runDetector } from './stream-detector.ts';

test('the same seed gives the same alarms, another seed others', () => {
  const stream = new NumpyRandom(12).normals(0, 1, 5000);
  const run = (seed: number): readonly number[] => runDetector(kswin, stream, { seed }).changes;
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1), run(2));
});

test('it sees a variance change, which leaves the mean alone', () => {
  const random = new NumpyRandom(13);
  const stream = [...random.normals(0, 1, 500), ...random.normals(0, 5, 200)];
  const { changes } = runDetector(kswin, stream, { alpha: 1e-4 });
  assert.ok(changes[0] !== undefined && changes[0] >= 500 && changes[0] < 600, changes.join());
});

test('its distance is that of the Kolmogorov–Smirnov test, ties included', () => {
  const random = new NumpyRandom(14);
  for (let i = 0; i < 50; i++) {
    const draw = (): Float64Array => Float64Array.from(random.integers(0, 8, 30)).sort();
    const [first, second] = [draw(), draw()];
    assert.ok(Math.abs(ksDistance(first, second) - ksTwoSample(first, second).statistic) < 1e-15);
  }
});

test('critical values are the smallest that are significant', () => {
  // Of 30 against 30 values: p = 0.0025 at D = 14/30 and 0.0065 at 13/30.
  assert.equal(criticalKs(30, 0.005), 14 / 30);
  assert.ok(criticalKs(3, 1e-6) > 1, 'three values are never enough');
  for (const p of [0.5, 0.05, 0.003, 1e-12]) {
    assert.ok(Math.abs(normalSurvival(criticalNormal(p)) / p - 1) < 1e-9, `p ${p}`);
  }
  assert.ok(Math.abs(criticalNormal(0.025) - 1.959963984540054) < 1e-12);
});
