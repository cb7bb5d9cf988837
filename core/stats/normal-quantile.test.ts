import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertClose } from './fixtures/samples.ts';
import { normalQuantile } from './normal-quantile.ts';
import { normalSurvival } from './special-functions.ts';

test('quantiles agree with scipy', () => {
  // scipy 1.17.1, norm.ppf
  assertClose(normalQuantile(0.975), 1.959963984540054);
  assertClose(normalQuantile(0.9), 1.2815515655446004);
  assertClose(normalQuantile(1e-10), -6.361340902404056);
  assertClose(normalQuantile(0.3), -0.5244005127080409);
  assert.equal(normalQuantile(0.5), 0);
});

test('it inverts the survival function far out and next to the middle', () => {
  for (const tail of [1e-250, 1e-30, 1e-3, 0.2, 0.4999, 0.499999999]) {
    assertClose(normalSurvival(-normalQuantile(tail)), tail, `tail ${tail}`, 1e-11);
  }
});

test('what is not between 0 and 1 is refused', () => {
  for (const bad of [0, 1, -0.1, NaN])
    assert.throws(() => normalQuantile(bad), /in \(0, 1\) is needed/);
});
