import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../random.ts';
import type { Column, Table } from '../table.ts';
import { detectDrift } from './detect.ts';
import { changesOf, column } from './fixtures/reports.ts';
import { categorical, normal, numeric, OPTIONS, pick, table, times } from './fixtures/tables.ts';

function assertFinite(value: unknown, path = 'report'): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path} is ${value}`);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) assertFinite(inner, `${path}.${key}`);
  }
}

test('swapped categories are found, whatever codes the two files give them', () => {
  const random = createRandom(4);
  const before = times(400, () => pick(random, { a: 0.7, b: 0.2, c: 0.1 }));
  const after = times(400, () => pick(random, { a: 0.7, b: 0.1, c: 0.2 }));
  const plain = table(categorical('x', before));
  const other: Column = {
    kind: 'categorical',
    name: 'x',
    dictionary: ['0 never met', 'c', 'a', 'b'],
    codes: Int32Array.from(after, (value) => ['0 never met', 'c', 'a', 'b'].indexOf(value)),
  };
  const report = detectDrift(plain, table(other), OPTIONS);
  const same = detectDrift(plain, table(categorical('x', after)), OPTIONS);
  assert.deepEqual(report, same);
  assert.deepEqual(report.material, ['x']);
  assert.deepEqual(column(report, 'x').categories, {
    added: 0,
    addedValues: 0,
    lost: 0,
    examples: [],
  });
  const recoded = table({
    ...other,
    codes: Int32Array.from(before, (v) => ['', 'c', 'a', 'b'].indexOf(v)),
  });
  assert.equal(detectDrift(plain, recoded, OPTIONS).score, 0);
});

test('new and lost categories are counted, with examples', () => {
  const before = times(200, (i) => ['a', 'b', 'c'][i % 3] ?? '');
  const after = times(200, (i) => (i < 40 ? 'new' : i < 45 ? 'newer' : (['a', 'b'][i % 2] ?? '')));
  const report = detectDrift(
    table(categorical('x', before)),
    table(categorical('x', after)),
    OPTIONS,
  );
  assert.deepEqual(column(report, 'x').categories, {
    added: 2,
    addedValues: 45,
    lost: 1,
    examples: ['new', 'newer'],
  });
});

test('a rising share of missing values is a change of its own', () => {
  const random = createRandom(5);
  const make = (missing: number): Table =>
    table(
      numeric(
        'x',
        times(1000, () => (random() < missing ? NaN : normal(random))),
      ),
    );
  const report = detectDrift(make(0.02), make(0.12), OPTIONS);
  const [distribution, missing] = changesOf(column(report, 'x'));
  assert.equal(distribution?.significant, false);
  assert.equal(missing?.about, 'missing values');
  assert.ok(missing.material);
  assert.deepEqual(report.material, ['x']);
  assert.equal(report.tests, 2);
});

test('a column that lost all its values is material, though nothing is left to compare', () => {
  const full = table(numeric('x', times(100, Math.sqrt)));
  const empty = table(
    categorical(
      'x',
      times(100, () => null),
    ),
  );
  const report = detectDrift(full, empty, OPTIONS);
  const { outcome, missing } = column(report, 'x');
  assert.ok(outcome.kind === 'tested');
  assert.equal(outcome.distances, null);
  assert.match(outcome.note ?? '', /too few values: 0, 30 are needed/);
  assert.deepEqual(missing, { reference: 0, current: 1 });
  assert.deepEqual(report.material, ['x']);
  assert.equal(column(detectDrift(empty, full, OPTIONS), 'x').kind, 'numeric');
});

test('a significant change that is small is shown, but not material', () => {
  const random = createRandom(6);
  const make = (shift: number): Table =>
    table(
      numeric(
        'x',
        times(20_000, () => normal(random) + shift),
      ),
    );
  const report = detectDrift(make(0), make(0.06), OPTIONS);
  const [change] = changesOf(column(report, 'x'));
  assert.ok(change?.significant === true && !change.material);
  assert.deepEqual(report.material, []);
  assert.ok(report.score > 0 && report.score < 1);
});

test('numbers of few different values are compared as categories', () => {
  const random = createRandom(10);
  const make = (share: number): Table =>
    table(
      numeric(
        'flag',
        times(300, () => (random() < share ? 1 : 0)),
      ),
    );
  const report = detectDrift(make(0.2), make(0.4), OPTIONS);
  const [change] = changesOf(column(report, 'flag'));
  assert.equal(change?.test, 'χ² homogeneity');
  assert.equal(change.effect.name, 'Cramér’s V');
  const { histogram } = column(report, 'flag');
  assert.ok(histogram?.kind === 'categorical');
  assert.deepEqual(histogram.labels, ['0', '1']);
});

test('every figure is finite, for values at the edge of the range of numbers too', () => {
  const extremes = [1e308, -1e308, 5e-324, 0, 1e-300, 1e300];
  const make = (scale: number): Table =>
    table(
      numeric(
        'huge',
        times(120, (i) => (extremes[i % 6] ?? 0) * scale * (1 + (i % 17) / 100)),
      ),
      numeric(
        'spread',
        times(120, (i) => (i % 40) * scale * 1e306),
      ),
      numeric(
        'tiny',
        times(120, (i) => (i % 40) * scale * 5e-324),
      ),
    );
  const none = { ...OPTIONS, effect: { wasserstein: 0, cramersV: 0, missing: 0 } };
  for (const options of [OPTIONS, none]) {
    assertFinite(detectDrift(make(0.3), make(1.5), options));
    assertFinite(detectDrift(make(1), make(-1), options));
  }
});

test('histograms hold all values over common bins, however many categories there are', () => {
  const random = createRandom(13);
  const make = (): Table =>
    table(
      numeric('x', [...times(499, () => normal(random)), 1e9]),
      categorical(
        'town',
        times(500, () => `town ${Math.floor(random() * 100)}`),
      ),
    );
  const report = detectDrift(make(), make(), OPTIONS);
  const x = column(report, 'x').histogram;
  assert.ok(x?.kind === 'numeric');
  assert.equal(x.edges.length, x.reference.length + 1);
  assert.ok(Math.max(...x.edges) < 10, 'one outlier does not flatten the picture');
  const town = column(report, 'town').histogram;
  assert.ok(town?.kind === 'categorical');
  assert.equal(town.labels.length, 12);
  assert.equal(town.labels.at(-1), '89 others');
  for (const shares of [x.reference, x.current, town.reference, town.current]) {
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
  }
});

test('a false-alarm rate that is none is refused', () => {
  const options = { ...OPTIONS, falseAlarmRate: 1 };
  assert.throws(() => detectDrift(table(), table(), options), /between 0 and 1, got 1/);
});
