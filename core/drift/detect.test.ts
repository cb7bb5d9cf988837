import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom, type Random } from '../random.ts';
import { takeRows, type Column, type Table } from '../table.ts';
import { detectDrift, type DetectionOptions } from './detect.ts';
import type { Change, ColumnDrift, ColumnOutcome, DriftReport } from './report.ts';

const OPTIONS: DetectionOptions = {
  falseAlarmRate: 0.05,
  minRows: 30,
  effect: { wasserstein: 0.1, cramersV: 0.1, missing: 0.05 },
  target: 'target',
  ignore: [],
};

function numeric(name: string, values: Iterable<number>): Column {
  return { kind: 'numeric', name, values: Float64Array.from(values) };
}

function categorical(name: string, values: readonly (string | null)[]): Column {
  const dictionary = [...new Set(values.filter((value) => value !== null))].sort();
  const codes = Int32Array.from(values, (value) =>
    value === null ? -1 : dictionary.indexOf(value),
  );
  return { kind: 'categorical', name, codes, dictionary };
}

function table(...columns: readonly Column[]): Table {
  const [first] = columns;
  if (first === undefined) return { rows: 0, columns };
  return { rows: first.kind === 'categorical' ? first.codes.length : first.values.length, columns };
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** A standard normal number, by Box and Muller. */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function pick(random: Random, weights: Readonly<Record<string, number>>): string {
  let u = random();
  const entries = Object.entries(weights);
  for (const [level, weight] of entries) if ((u -= weight) < 0) return level;
  return entries.at(-1)?.[0] ?? '';
}

function column(report: DriftReport, name: string): ColumnDrift {
  const found = report.columns.find((candidate) => candidate.name === name);
  assert.ok(found !== undefined, `no column ${name}`);
  return found;
}

function changesOf({ outcome }: ColumnDrift): readonly Change[] {
  assert.ok(outcome.kind === 'tested', `expected a test, got ${JSON.stringify(outcome)}`);
  return outcome.changes;
}

function reasonOf({ outcome }: ColumnDrift): string {
  assert.ok(outcome.kind === 'set-aside', `expected it set aside, got ${JSON.stringify(outcome)}`);
  return outcome.reason;
}

const outcomes = (report: DriftReport): readonly ColumnOutcome['kind'][] =>
  report.columns.map(({ outcome }) => outcome.kind);

function assertFinite(value: unknown, path = 'report'): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path} is ${value}`);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) assertFinite(inner, `${path}.${key}`);
  }
}

/** Mixed columns: bell-shaped, skewed, tied, few values, categories with rare ones, missing values. */
function mixedTable(random: Random, rows: number): Table {
  return table(
    numeric(
      'bell',
      times(rows, () => normal(random)),
    ),
    numeric(
      'skewed',
      times(rows, () => Math.exp(2 * normal(random))),
    ),
    numeric(
      'tied',
      times(rows, () => Math.round(5 * normal(random))),
    ),
    numeric(
      'rain',
      times(rows, () => (random() < 0.8 ? 0 : -Math.log(1 - random()))),
    ),
    numeric(
      'stars',
      times(rows, () => 1 + Math.floor(5 * random())),
    ),
    numeric(
      'gaps',
      times(rows, () => (random() < 0.04 ? NaN : random())),
    ),
    categorical(
      'colour',
      times(rows, () => pick(random, { red: 0.6, green: 0.39, blue: 0.01 })),
    ),
    categorical(
      'town',
      times(rows, () => `town ${Math.floor(30 * random() ** 3)}`),
    ),
    categorical(
      'note',
      times(rows, () => (random() < 0.3 ? null : pick(random, { a: 0.5, b: 0.5 }))),
    ),
    categorical(
      'target',
      times(rows, () => pick(random, { yes: 0.2, no: 0.8 })),
    ),
  );
}

test('a file like its reference raises an alarm in at most one of twenty cases, however small the effects asked for', () => {
  const random = createRandom(1);
  const strict = { ...OPTIONS, effect: { wasserstein: 0, cramersV: 0, missing: 0 } };
  for (const [rows, currentRows] of [
    [60, 45],
    [300, 60],
  ] as const) {
    const repetitions = 300;
    let alarms = 0;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const reference = mixedTable(random, rows);
      const report = detectDrift(reference, mixedTable(random, currentRows), strict);
      if (report.material.length > 0) alarms++;
    }
    // Drift may spend half of 0.05; more than 17 alarms in 300 at a rate of 0.025 has a chance of 0.001.
    assert.ok(alarms <= 17, `${rows} against ${currentRows} rows: ${alarms} of ${repetitions}`);
  }
});

test('with effects that matter, large files without change raise no alarm at all', () => {
  const random = createRandom(2);
  for (let repetition = 0; repetition < 20; repetition++) {
    const report = detectDrift(mixedTable(random, 2000), mixedTable(random, 2000), OPTIONS);
    assert.deepEqual(report.material, []);
    assert.ok(report.score < 1);
  }
});

test('a shift of half a standard deviation is found in 300 rows, and named first', () => {
  const random = createRandom(3);
  let found = 0;
  for (let repetition = 0; repetition < 20; repetition++) {
    const current = mixedTable(random, 300);
    const shifted = current.columns.map((each) =>
      each.name === 'bell' && each.kind === 'numeric'
        ? numeric(
            'bell',
            each.values.map((x) => x + 0.5),
          )
        : each,
    );
    const report = detectDrift(mixedTable(random, 300), { ...current, columns: shifted }, OPTIONS);
    const [change] = changesOf(column(report, 'bell'));
    assert.equal(change?.test, 'Kolmogorov–Smirnov');
    assert.ok(change.effect.value > 0.3);
    if (report.material[0] === 'bell' && report.score >= 1) found++;
  }
  assert.ok(found >= 18, `${found} of 20`);
});

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

test('identifiers, sequences, constants, free text and time are set aside, with a reason', () => {
  const random = createRandom(7);
  const make = (from: number): Table =>
    table(
      categorical(
        'uuid',
        times(200, () => random().toString(36)),
      ),
      numeric(
        'id',
        times(200, (i) => 1 + i * 3),
      ),
      numeric(
        'elapsed',
        times(200, (i) => (from + Math.floor(i / 2)) / 7),
      ),
      numeric(
        'version',
        times(200, () => 7),
      ),
      categorical(
        'currency',
        times(200, () => 'EUR'),
      ),
      categorical(
        'comment',
        times(200, () => `text ${Math.floor(random() * 180)}`),
      ),
      { kind: 'time', name: 'at', values: Float64Array.from(times(200, (i) => from + i)) },
      numeric(
        'stamp',
        times(200, () => from + random()),
      ),
      numeric(
        'noise',
        times(200, () => random()),
      ),
      numeric(
        'nothing',
        times(200, () => NaN),
      ),
    );
  const options = { ...OPTIONS, timeColumn: 'stamp', ignore: ['noise'] };
  const report = detectDrift(make(0), make(1000), options);
  const expected = {
    uuid: /an identifier: all 200 values/,
    id: /an identifier: whole numbers/,
    elapsed: /a sequence: it never falls/,
    version: /constant: every value is 7/,
    currency: /constant: every value is 'EUR'/,
    comment: /free text or an identifier/,
    at: /a time column/,
    stamp: /a time column/,
    noise: /ignored by the pipeline/,
    nothing: /no values/,
  };
  for (const [name, reason] of Object.entries(expected)) {
    assert.match(reasonOf(column(report, name)), reason, name);
  }
  assert.equal(report.tests, 0);
  assert.equal(report.score, 0);
});

test('a column that is only sorted within each file is compared', () => {
  const random = createRandom(8);
  const make = (scale: number): Table =>
    table(
      numeric(
        'age',
        times(300, () => random() * scale).sort((a, b) => a - b),
      ),
    );
  const report = detectDrift(make(1), make(2), OPTIONS);
  assert.deepEqual(report.material, ['age']);
});

test('a constant that takes another value, or starts to vary, is a change', () => {
  const random = createRandom(9);
  const sevens = numeric(
    'x',
    times(100, () => 7),
  );
  const rounding = numeric(
    'x',
    times(100, (i) => 0.1 + (i % 13) * 1e-17),
  );
  const cases: readonly [Column, Column][] = [
    [
      sevens,
      numeric(
        'x',
        times(100, () => 8),
      ),
    ],
    [
      sevens,
      numeric(
        'x',
        times(100, () => 7 + random()),
      ),
    ],
    [
      rounding,
      numeric(
        'x',
        times(100, () => 0.1 + random()),
      ),
    ],
    [
      categorical(
        'x',
        times(100, () => 'a'),
      ),
      categorical(
        'x',
        times(100, () => 'b'),
      ),
    ],
  ];
  for (const [before, after] of cases) {
    const report = detectDrift(table(before), table(after), OPTIONS);
    assert.deepEqual(report.material, ['x']);
    assertFinite(report);
  }
});

test('a column that varied and is constant now is a change', () => {
  const varied = table(
    numeric(
      'x',
      times(200, (i) => (i * 37) % 101),
    ),
  );
  const constant = table(
    numeric(
      'x',
      times(200, () => 50),
    ),
  );
  assert.deepEqual(detectDrift(varied, constant, OPTIONS).material, ['x']);
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

test('columns that only one table has, or that changed their kind, are reported', () => {
  const values = times(50, (i) => (i * 7) % 50);
  const reference = table(
    numeric('gone', values),
    numeric('turned', values),
    numeric('same', values),
  );
  const current = table(
    categorical('turned', values.map(String)),
    numeric('same', values),
    numeric('new', values),
  );
  const report = detectDrift(reference, current, OPTIONS);
  assert.deepEqual(
    report.columns.map(({ name }) => name),
    ['gone', 'turned', 'same', 'new'],
  );
  assert.deepEqual(outcomes(report), ['absent', 'kind changed', 'tested', 'absent']);
  assert.deepEqual(column(report, 'gone').outcome, {
    kind: 'absent',
    from: 'current',
    reason: 'not in this file',
  });
  assert.match(JSON.stringify(column(report, 'turned')), /numeric in the reference, categorical/);
});

test('an unlabelled file is no drift of the target, a shifted target is', () => {
  const random = createRandom(11);
  const labels = (share: number): Column =>
    categorical(
      'target',
      times(300, () => (random() < share ? 'yes' : 'no')),
    );
  const without = table(
    categorical(
      'target',
      times(300, () => null),
    ),
  );
  const unlabelled = detectDrift(table(labels(0.3)), without, OPTIONS);
  assert.match(reasonOf(column(unlabelled, 'target')), /no values in this file/);
  assert.equal(unlabelled.tests, 0);
  const shifted = detectDrift(table(labels(0.3)), table(labels(0.6)), OPTIONS);
  assert.deepEqual(shifted.material, ['target']);
});

test('empty and tiny files have too few values, and break nothing', () => {
  const random = createRandom(12);
  const reference = mixedTable(random, 100);
  for (const rows of [0, 1, 29]) {
    const report = detectDrift(reference, mixedTable(random, rows), OPTIONS);
    assert.deepEqual([...new Set(outcomes(report))], ['insufficient']);
    assert.deepEqual(column(report, 'bell').outcome, {
      kind: 'insufficient',
      n: rows,
      required: 30,
    });
    assert.equal(report.score, 0);
    assertFinite(report);
  }
  assert.deepEqual(detectDrift(table(), table(), OPTIONS).columns, []);
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

test('Holm’s correction covers all tests of the file, and the strongest column comes first', () => {
  const random = createRandom(14);
  const make = (small: number, large: number): Table =>
    table(
      numeric(
        'small',
        times(500, () => normal(random) + small),
      ),
      numeric(
        'still',
        times(500, () => normal(random)),
      ),
      numeric(
        'large',
        times(500, () => normal(random) + large),
      ),
    );
  const report = detectDrift(make(0, 0), make(0.5, 2), OPTIONS);
  assert.deepEqual(report.material, ['large', 'small']);
  assert.equal(report.tests, 3);
  const [small] = changesOf(column(report, 'small'));
  assert.ok(small !== undefined);
  assert.ok(Math.abs(small.adjustedPValue - 2 * small.pValue) <= 1e-12);
  const [large] = changesOf(column(report, 'large'));
  assert.ok(large !== undefined && Math.abs(report.score - large.effect.value / 0.1) < 1e-9);
});

/** Rows of a small mixed table; the first 40 are in it, so that there is something to compare. */
const rows = fc.array(
  fc.record({
    x: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: NaN }),
    few: fc.integer({ min: 0, max: 3 }),
    level: fc.option(fc.constantFrom('a', 'b', 'c', 'd')),
  }),
  { minLength: 40, maxLength: 80 },
);
const tableOf = (values: typeof rows extends fc.Arbitrary<infer T> ? T : never): Table =>
  table(
    numeric(
      'x',
      values.map(({ x }) => x),
    ),
    numeric(
      'few',
      values.map(({ few }) => few),
    ),
    categorical(
      'level',
      values.map(({ level }) => level),
    ),
  );

test('the order of rows changes nothing', () => {
  fc.assert(
    fc.property(rows, rows, fc.integer(), (before, after, seed) => {
      const [reference, current] = [tableOf(before), tableOf(after)];
      const random = createRandom(seed);
      const order = Int32Array.from(
        times(current.rows, (i) => ({ i, key: random() }))
          .sort((a, b) => a.key - b.key)
          .map(({ i }) => i),
      );
      const report = detectDrift(reference, current, OPTIONS);
      assert.deepEqual(detectDrift(reference, takeRows(current, order), OPTIONS), report);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('whatever the tables hold, figures are finite and within their bounds', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const report = detectDrift(tableOf(before), tableOf(after), OPTIONS);
      assertFinite(report);
      for (const { outcome } of report.columns) {
        for (const change of outcome.kind === 'tested' ? outcome.changes : []) {
          assert.ok(change.pValue >= 0 && change.pValue <= change.falseDiscoveryRate + 1e-15);
          assert.ok(change.falseDiscoveryRate <= change.adjustedPValue + 1e-15);
          assert.ok(change.adjustedPValue <= 1 && change.effect.value >= 0);
          assert.ok(!change.material || change.significant);
        }
      }
      assert.equal(report.score >= 1, report.material.length > 0);
    }),
    { seed: 2, numRuns: 60 },
  );
});

test('a table compared with itself shows no change', () => {
  fc.assert(
    fc.property(rows, (values) => {
      const report = detectDrift(tableOf(values), tableOf(values), OPTIONS);
      assert.equal(report.score, 0);
      assert.deepEqual(report.material, []);
    }),
    { seed: 3, numRuns: 60 },
  );
});

test('a false-alarm rate that is none is refused', () => {
  const options = { ...OPTIONS, falseAlarmRate: 1 };
  assert.throws(() => detectDrift(table(), table(), options), /between 0 and 1, got 1/);
});
