import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../random.ts';
import { followNumbers } from './follow-numbers.ts';

test('steps from number to number are counted, over those that are missing', () => {
  const steps = followNumbers(Float64Array.of(NaN, 2, NaN, 3, Infinity, 3, 1.5, -0, 0));
  assert.deepEqual(steps, { count: 6, rises: 1, falls: 2, fractions: 1 });
});

test('nothing, and nothing but missing values, has no steps', () => {
  const none = { count: 0, rises: 0, falls: 0, fractions: 0 };
  assert.deepEqual(followNumbers(new Float64Array(0)), none);
  assert.deepEqual(followNumbers(new Float64Array(5).fill(NaN)), none);
});

test('long columns are followed as one, whatever was followed before', () => {
  const random = createRandom(1);
  const values = Float64Array.from({ length: 1_200_000 }, () =>
    random() < 0.05 ? NaN : Math.floor(4 * random()) / 2,
  );
  const present = values.filter(Number.isFinite);
  const expected = { count: present.length, rises: 0, falls: 0, fractions: 0 };
  present.forEach((x, i) => {
    if (i > 0 && x > present[i - 1]!) expected.rises++;
    if (i > 0 && x < present[i - 1]!) expected.falls++;
    if (!Number.isInteger(x)) expected.fractions++;
  });
  assert.deepEqual(followNumbers(values), expected);
  assert.deepEqual(followNumbers(values), expected);
});
