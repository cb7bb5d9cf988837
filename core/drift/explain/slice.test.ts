import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import type { Table } from '../../table.ts';
import { categorical, normal, numeric, pick, table, times } from '../fixtures/tables.ts';
import { describeRule, withShortNumber } from './conditions.ts';
import { otherRuleOfSameRows } from './same-rows.ts';
import { smallestSlice } from './slice.ts';

const REGIONS = { NY: 0.3, LA: 0.3, SF: 0.2, TX: 0.2 };

interface Row {
  region: string;
  temp: number;
  load: number;
}

/** Towns with a temperature, a load that follows it, and three columns of noise. */
function weather(
  random: Random,
  rows: number,
  change: (row: Row) => void = () => undefined,
): Table {
  const all = times(rows, (): Row => {
    const temp = 15 + 8 * normal(random);
    const row = { region: pick(random, REGIONS), temp, load: 50 + 2 * temp + 10 * normal(random) };
    change(row);
    return row;
  });
  return table(
    categorical(
      'region',
      all.map(({ region }) => region),
    ),
    numeric(
      'temp',
      all.map(({ temp }) => temp),
    ),
    numeric(
      'load',
      all.map(({ load }) => load),
    ),
    ...['u', 'v', 'w'].map((name) =>
      numeric(
        name,
        times(rows, () => normal(random)),
      ),
    ),
  );
}

const NAMES = ['region', 'temp', 'load', 'u', 'v', 'w'];

const slice = (before: Table, now: Table, changed: readonly string[], seed = 1) =>
  smallestSlice(before, now, { changed, conditions: NAMES, level: 0.05, seed });

test('a change inside a slice of two conditions is described by them', () => {
  let found = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const random = createRandom(seed);
    const before = weather(random, 4000);
    const now = weather(random, 4000, (row) => {
      if (row.region === 'NY' && row.temp > 15) row.load += 40;
    });
    const result = slice(before, now, ['load'], seed);
    if (result === null) continue;
    const [first, second] = result.conditions;
    if (first?.kind !== 'is' || second?.kind !== 'above') continue;
    assert.deepEqual([first.column, first.value, second.column], ['region', 'NY', 'temp']);
    assert.ok(Math.abs(second.value - 15) < 1.5, result.rule);
    assert.ok(result.currentShare > 0.1 && result.currentShare < 0.2);
    assert.ok(result.carried > 0.7 && result.carriedAtLeast >= 0.6 && result.restPValue > 0.05);
    found++;
  }
  assert.ok(found >= 3, `${found} of 6`);
});

test('a slice that became more frequent is found', () => {
  let found = 0;
  for (let seed = 1; seed <= 5; seed++) {
    const random = createRandom(seed);
    const before = weather(random, 4000);
    const now = weather(random, 4000, (row) => {
      if (random() < 0.15) Object.assign(row, { region: 'NY', temp: 40 + normal(random) });
    });
    const result = slice(before, now, ['region', 'temp'], seed);
    if (result === null) continue;
    assert.match(result.rule, /temp > \d/);
    assert.ok(Math.abs(result.currentShare - result.referenceShare - 0.15) < 0.04, result.rule);
    found++;
  }
  assert.ok(found >= 4, `${found} of 5`);
});

test('a change that is everywhere has no slice, however small or large it is', () => {
  let found = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const random = createRandom(100 + seed);
    const shift = [0.8, 1.2, 2, 3, 8][seed % 5]!;
    const before = weather(random, 3000);
    const now = weather(random, 3000, (row) => (row.temp += shift));
    if (slice(before, now, ['temp'], seed) !== null) found++;
  }
  assert.ok(found <= 2, `${found} of 30`);
});

test('columns that are said to have changed and did not have no slice', () => {
  let found = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const random = createRandom(200 + seed);
    if (slice(weather(random, 1500), weather(random, 1500), ['temp', 'u'], seed) !== null) found++;
  }
  assert.ok(found <= 1, `${found} of 30`);
});

test('missing values can be a slice', () => {
  const random = createRandom(31);
  const hole = (rows: number, share: number): Table => {
    const x = times(rows, () => (random() < share ? NaN : normal(random)));
    return table(
      numeric('x', x),
      numeric(
        'y',
        x.map((v) => (Number.isNaN(v) ? 5 : normal(random))),
      ),
    );
  };
  const options = { changed: ['x', 'y'], conditions: ['x'], level: 0.05, seed: 1 };
  assert.equal(smallestSlice(hole(2000, 0.02), hole(2000, 0.2), options)?.rule, 'x is missing');
});

test('where columns go together, another rule of the same rows is named', () => {
  const random = createRandom(51);
  const twice = (before: Table): Table => {
    const temp = before.columns.find(({ name }) => name === 'temp')!;
    assert.ok(temp.kind === 'numeric');
    const fahrenheit = numeric('fahrenheit', [...temp.values.map((v) => 32 + 1.8 * v)]);
    return { ...before, columns: [...before.columns, fahrenheit] };
  };
  const before = twice(weather(random, 4000));
  const now = twice(
    weather(random, 4000, (row) => {
      if (row.temp > 20) row.load += 40;
    }),
  );
  const result = smallestSlice(before, now, {
    changed: ['load'],
    conditions: [...NAMES, 'fahrenheit'],
    level: 0.05,
    seed: 1,
  });
  const cut = (name: string): number => {
    const rule = [result?.rule, result?.also].find((words) => words?.startsWith(name)) ?? '';
    return Number(new RegExp(`^${name} > ([0-9.]+)$`).exec(rule)?.[1]);
  };
  assert.ok(cut('temp') > 16 && cut('temp') < 21, result?.rule);
  assert.ok(Math.abs(cut('fahrenheit') - 32 - 1.8 * cut('temp')) < 0.3, result?.also ?? 'none');
});

test('where no other rule says the same, none is named', () => {
  const random = createRandom(52);
  const now = weather(random, 4000, (row) => {
    if (row.region === 'NY') row.load += 60;
  });
  const result = slice(weather(random, 4000), now, ['load']);
  assert.deepEqual([result?.rule, result?.also], ['region = NY', null]);
});

test('a rule that says a thing twice is named shorter', () => {
  const x = numeric(
    'x',
    times(200, (i) => i),
  );
  const y = numeric(
    'y',
    times(200, (i) => (i < 100 ? -i : 500 + i)),
  );
  const rule = [
    { kind: 'above', column: 'x', value: 99 },
    { kind: 'above', column: 'y', value: 300 },
  ] as const;
  const both = table(x, y);
  assert.equal(describeRule(otherRuleOfSameRows(both, both, rule, ['x', 'y'])!), 'y > 300');
});

test('few rows have no slice', () => {
  const random = createRandom(41);
  const now = weather(random, 150, (row) => (row.load += 100));
  assert.equal(slice(weather(random, 150), now, ['load']), null);
});

test('rules are short sentences, their numbers no longer than they need be', () => {
  const data = table(numeric('temp', [18.123456, 20.987654]));
  const long = { kind: 'above', column: 'temp', value: 18.123456 } as const;
  const short = withShortNumber(long, data, data);
  assert.deepEqual(short, { ...long, value: 20 });
  const rule = [{ kind: 'is', column: 'region', value: 'NY' } as const, short];
  assert.equal(describeRule(rule), 'region = NY and temp > 20');
});
