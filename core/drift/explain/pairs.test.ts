import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import type { Table } from '../../table.ts';
import { categorical, mixedTable, normal, numeric, table, times } from '../fixtures/tables.ts';
import { comparePairs } from './pairs.ts';
import { compareSpearman, inBoth, orderColumn } from './spearman.ts';

interface World {
  readonly rho: number;
  /** a monotone change of every column by itself */
  readonly bent?: boolean;
  /** how much oftener the category is */
  readonly oftener?: number;
}

/** Dependent columns: heavy tails together, a bend, a category and a number of few values that follow others. */
function dependent(random: Random, rows: number, { rho, bent, oftener = 0 }: World): Table {
  const scale = times(rows, () => 1 / Math.sqrt(random()));
  const x = times(rows, (i) => normal(random) * scale[i]!);
  const y = x.map((v, i) => rho * v + Math.sqrt(1 - rho * rho) * normal(random) * scale[i]!);
  const bend = x.map((v) => Math.abs(v) + 0.5 * normal(random));
  const warped = (v: number): number => (bent === true ? Math.exp(Math.min(v, 200) / 3) + 5 : v);
  return table(
    numeric('x', x.map(warped)),
    numeric('y', y),
    numeric('bend', bend.map(warped)),
    categorical(
      'side',
      x.map((v) => (v + normal(random) > -oftener ? 'left' : 'right')),
    ),
    numeric(
      'stars',
      y.map((v) => Math.max(0, Math.min(4, Math.round(2 + v)))),
    ),
  );
}

const NAMES = ['x', 'y', 'bend', 'side', 'stars'];

/** Share of runs that name any pair. */
function alarms(runs: number, compare: (random: Random) => number): number {
  const random = createRandom(11);
  let alarmed = 0;
  for (let run = 0; run < runs; run++) if (compare(random) > 0) alarmed++;
  return alarmed / runs;
}

test('samples without change name a pair once in twenty times at most', () => {
  const names = mixedTable(createRandom(1), 10).columns.map(({ name }) => name);
  const independent = alarms(120, (random) => {
    const found = comparePairs(mixedTable(random, 800), mixedTable(random, 600), names, 0.05);
    return found.changed.length;
  });
  const dependents = alarms(200, (random) => {
    const [a, b] = [800, 600].map((rows) => dependent(random, rows, { rho: 0.6 }));
    return comparePairs(a!, b!, NAMES, 0.05).changed.length;
  });
  // 0.05 + 2.5 standard errors
  assert.ok(independent < 0.1, `${independent}`);
  assert.ok(dependents < 0.09, `${dependents}`);
});

test('shifts, stretches and bends of the columns by themselves are no change of their pairs', () => {
  const rate = alarms(200, (random) => {
    const a = dependent(random, 800, { rho: 0.6 });
    const b = dependent(random, 600, { rho: 0.6, bent: true });
    return comparePairs(a, b, NAMES, 0.05).changed.length;
  });
  assert.ok(rate < 0.09, `${rate}`);
});

test('a category that becomes oftener everywhere is no change of its pairs', () => {
  const random = createRandom(12);
  const pair = (share: number): Table => {
    const a = times(2000, () => (random() < share ? 'yes' : 'no'));
    const b = a.map((value) => (random() < (value === 'yes' ? 0.8 : 0.3) ? 'up' : 'down'));
    return table(categorical('a', a), categorical('b', b));
  };
  const rate = alarms(
    100,
    () => comparePairs(pair(0.2), pair(0.6), ['a', 'b'], 0.05).changed.length,
  );
  assert.ok(rate < 0.11, `${rate}`);
});

test('a rotated correlation is named with both of its values, though no column changed', () => {
  const random = createRandom(13);
  const a = dependent(random, 2000, { rho: 0.7 });
  const b = dependent(random, 2000, { rho: 0.4 });
  const { changed, compared } = comparePairs(a, b, NAMES, 0.05);
  assert.ok(compared >= 9);
  const [first] = changed;
  assert.deepEqual(first?.columns, ['x', 'y']);
  assert.equal(first.test, 'Spearman’s ρ');
  assert.ok(first.reference > 0.6 && first.current < 0.5 && first.adjustedPValue < 1e-3);
});

test('a dependence between a category and a number that goes away is named', () => {
  const random = createRandom(14);
  const follow = (how: number): Table => {
    const x = times(1500, () => normal(random));
    return table(
      numeric('x', x),
      categorical(
        'c',
        x.map((v) => (how * v + normal(random) > 0 ? 'a' : 'b')),
      ),
    );
  };
  const [pair] = comparePairs(follow(1), follow(0), ['x', 'c'], 0.05).changed;
  assert.equal(pair?.test, 'odds ratios');
  assert.match(pair.combination!.rule, /^x in its (lowest|highest) quarter and c = [ab]$/);
  assert.ok(pair.reference > 0.4 && pair.current < 0.15);
});

test('a pair that turns round is told by the combination that became rarer or more frequent', () => {
  const random = createRandom(16);
  const pair = (ofYes: number, ofNo: number): Table => {
    const a = times(2000, () => (random() < 0.5 ? 'yes' : 'no'));
    const b = a.map((value) => (random() < (value === 'yes' ? ofYes : ofNo) ? 'up' : 'down'));
    return table(categorical('a', a), categorical('b', b));
  };
  const [found] = comparePairs(pair(0.8, 0.3), pair(0.3, 0.8), ['a', 'b'], 0.05).changed;
  assert.ok(found !== undefined && Math.abs(found.reference - found.current) < 0.1);
  const { rule, reference, current, expected } = found.combination!;
  assert.match(rule, /^a = (yes|no) and b = (up|down)$/);
  const wasFrequent = /yes and b = up|no and b = down/.test(rule);
  assert.ok(wasFrequent ? current < reference : current > reference, rule);
  assert.ok(wasFrequent ? current < expected : current > expected, rule);
});

test('two columns of few numbers that fell together and rise together have signs', () => {
  const random = createRandom(17);
  const pair = (slope: number): Table => {
    const a = times(1500, () => Math.floor(5 * random()));
    const b = a.map((v) =>
      Math.max(0, Math.min(4, 2 + slope * (v - 2) + Math.round(normal(random)))),
    );
    return table(numeric('a', a), numeric('b', b));
  };
  const [found] = comparePairs(pair(-1), pair(1), ['a', 'b'], 0.05).changed;
  assert.equal(found?.test, 'odds ratios');
  assert.ok(found.reference < -0.3 && found.current > 0.3);
  assert.match(found.combination!.rule, /^a [>≤] .* and b [>≤] /);
});

test('too few rows with both values are not compared', () => {
  const random = createRandom(15);
  const few = dependent(random, 40, { rho: 0.5 });
  assert.deepEqual(comparePairs(few, few, NAMES, 0.05), { compared: 0, changed: [] });
});

test('samples that agree exactly do not differ', () => {
  const x = orderColumn(Float64Array.from({ length: 60 }, (_, i) => i));
  const { reference, current, z } = compareSpearman([x, x], [x, x]);
  assert.ok(Math.abs(reference - 1) < 1e-9 && current === reference && z === 0);
});

test('rows in which either value is missing are as if they were not there', () => {
  const random = createRandom(13);
  const draw = (n: number): Float64Array =>
    Float64Array.from({ length: n }, () => Math.round(20 * normal(random)) / 20);
  const [x, y] = [draw(300), draw(300)];
  const holed = (values: Float64Array, every: number): Float64Array =>
    values.map((value, i) => (i % every === 0 ? NaN : value));
  const present = (values: Float64Array): Float64Array =>
    values.filter((_, i) => i % 3 !== 0 && i % 5 !== 0);
  const compared = compareSpearman(
    inBoth(orderColumn(holed(x, 3)), orderColumn(holed(y, 5))),
    inBoth(orderColumn(x), orderColumn(y)),
  );
  const expected = compareSpearman(
    inBoth(orderColumn(present(x)), orderColumn(present(y))),
    inBoth(orderColumn(x), orderColumn(y)),
  );
  for (const figure of ['reference', 'current', 'z'] as const) {
    assert.ok(Math.abs(compared[figure] - expected[figure]) < 1e-12, figure);
  }
});
