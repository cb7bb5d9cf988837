import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../random.ts';
import { sortFinite, sortNumbers } from './sort-numbers.ts';

const ENDS = [0, -0, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -Number.MIN_VALUE];

const DRAWS: Readonly<Record<string, (random: () => number) => number>> = {
  'of both signs': (random) => (random() - 0.5) * 10 ** (40 * random() - 20),
  'that are few and whole': (random) => Math.floor(5 * random()) - 2,
  'that are all equal': () => 7,
  'whose upper halves are equal': (random) => 1 + Math.floor(2 ** 20 * random()) * Number.EPSILON,
  'at the ends of the range': (random) => ENDS[Math.floor(6 * random())] ?? 0,
};

for (const [name, draw] of Object.entries(DRAWS)) {
  test(`numbers ${name} are sorted as the engine sorts them`, () => {
    const random = createRandom(1);
    for (const n of [0, 1, 100, 2047, 2048, 20_000]) {
      const values = Float64Array.from({ length: n }, () => draw(random));
      const expected = values.toSorted();
      sortNumbers(values);
      assert.ok(
        values.every((x, i) => x === expected[i]),
        `${n} values`,
      );
    }
  });
}

test('a zero without sign is what becomes of −0', () => {
  for (const n of [10, 5000]) {
    const values = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -0 : 1 - (i % 3)));
    sortNumbers(values);
    assert.ok(
      values.every((x) => !Object.is(x, -0)),
      `${n} values`,
    );
  }
});

const MISSING = [NaN, Infinity, -Infinity];

for (const [name, draw] of Object.entries(DRAWS)) {
  test(`the finite ones of numbers ${name} are sorted into another array`, () => {
    const random = createRandom(3);
    for (const n of [0, 1, 100, 2047, 2048, 20_000]) {
      const values = Float64Array.from({ length: n }, (_, i) =>
        i % 5 === 0 ? (MISSING[i % 3] ?? 0) : draw(random),
      );
      const before = values.slice();
      const expected = values
        .filter(Number.isFinite)
        .map((x) => x + 0)
        .sort();
      const out = new Float64Array(n + 7);
      const found = sortFinite(values, out);
      assert.deepEqual(out.slice(0, found), expected, `${n} values`);
      assert.deepEqual(values, before);
    }
  });
}

test('where no number is finite, none is found', () => {
  const values = new Float64Array(5000).fill(NaN);
  assert.equal(sortFinite(values, new Float64Array(5000)), 0);
});

test('too little room for the sorted numbers is refused', () => {
  assert.throws(
    () => sortFinite(new Float64Array(10), new Float64Array(9)),
    /out needs 10 values, got 9/,
  );
});

test('a part of an array is sorted, and the rest left alone', () => {
  const random = createRandom(2);
  const all = Float64Array.from({ length: 10_000 }, () => random());
  const before = all.slice();
  sortNumbers(all.subarray(1000, 9000));
  assert.deepEqual(all.subarray(0, 1000), before.subarray(0, 1000));
  assert.deepEqual(all.subarray(1000, 9000), before.slice(1000, 9000).sort());
  assert.deepEqual(all.subarray(9000), before.subarray(9000));
});
