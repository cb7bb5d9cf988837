import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { categorical, numeric, table, times } from '../fixtures/tables.ts';
import { domainClassifierTest } from './domain-classifier.ts';
import type { DomainClassifierOptions } from './domain-classifier.ts';
import { COLUMNS, correlatedTable, mostAlarms } from './fixtures/correlated.ts';
import { ORIGINS, stackTables } from './stack-tables.ts';

/** A forest small enough to be grown hundreds of times. */
const SMALL: DomainClassifierOptions = {
  seed: 1,
  params: { kind: 'forest', trees: 8, maxDepth: 5, minLeaf: 5 },
};

function classified(
  seed: number,
  n: number,
  m: number,
  before: number,
  now: number,
  options = SMALL,
) {
  const random = createRandom(seed);
  const reference = correlatedTable(random, n, before);
  const result = domainClassifierTest(reference, correlatedTable(random, m, now), COLUMNS, {
    ...options,
    seed,
  });
  assert.ok(result.kind === 'tested', 'tested');
  return result;
}

test('no more than 5 % of files without change are below 0.05', () => {
  const repetitions = 150;
  let alarms = 0;
  let covered = 0;
  for (let seed = 0; seed < repetitions; seed++) {
    const { pValue, low, high } = classified(seed, 120, 80, 0.5, 0.5);
    if (pValue <= 0.05) alarms++;
    if (low <= 0.5 && high >= 0.5) covered++;
  }
  assert.ok(alarms <= mostAlarms(repetitions), `${alarms} alarms in ${repetitions}`);
  assert.ok(covered >= repetitions - mostAlarms(repetitions), `${covered} intervals hold ½`);
});

test('a rotated correlation is found although no column changes, and so are its columns', () => {
  const result = classified(5, 300, 250, 0.8, -0.8, { seed: 1 });
  assert.ok(result.pValue < 1e-6 && result.low > 0.7, JSON.stringify(result));
  const share = new Map(result.attribution.map((own) => [own.column, own.share]));
  assert.ok(
    (share.get('a') ?? 0) > 0.3 && (share.get('b') ?? 0) > 0.3,
    JSON.stringify(result.attribution),
  );
});

test('a new category gives its rows away', () => {
  const reference = table(
    categorical(
      'k',
      times(200, (i) => ['a', 'b'][i % 2] ?? ''),
    ),
    numeric(
      'x',
      times(200, (i) => i % 7),
    ),
  );
  const current = table(
    categorical(
      'k',
      times(200, (i) => ['a', 'b', 'new'][i % 3] ?? ''),
    ),
    numeric(
      'x',
      times(200, (i) => i % 7),
    ),
  );
  const result = domainClassifierTest(reference, current, ['k', 'x'], SMALL);
  assert.ok(result.kind === 'tested' && result.pValue < 0.01);
  assert.ok((result.attribution[0]?.share ?? 0) > 0.6);
});

test('the same seed gives the same result; long tables are drawn from', () => {
  const drawn = classified(2, 400, 300, 0.5, 0.4, { ...SMALL, maxRows: 100 });
  assert.deepEqual(drawn, classified(2, 400, 300, 0.5, 0.4, { ...SMALL, maxRows: 100 }));
  assert.equal(drawn.n, 100);
  assert.equal(drawn.m, 100);
});

test('too few rows are no samples to compare; columns that do not fit are refused by name', () => {
  const few = correlatedTable(createRandom(1), 49, 0);
  const result = domainClassifierTest(few, few, COLUMNS, SMALL);
  assert.ok(result.kind === 'not applicable');
  assert.match(result.reason, /needs a column and 50 rows of each sample, got 5 and 49/);
  const times50 = table({ kind: 'time', name: 't', values: new Float64Array(50) });
  assert.throws(
    () => domainClassifierTest(times50, times50, ['t'], SMALL),
    /column 't' holds times/,
  );
});

test('stacked tables merge their categories by name and say where each row is from', () => {
  const { table: stacked, origin } = stackTables(
    table(categorical('k', ['b', null]), numeric('origin', [1, 2])),
    table(categorical('k', ['a', 'b']), numeric('origin', [3, NaN])),
    ['k', 'origin'],
  );
  assert.equal(origin, 'origin_');
  const [k, numbers, from] = stacked.columns;
  assert.ok(
    k?.kind === 'categorical' && numbers?.kind === 'numeric' && from?.kind === 'categorical',
  );
  assert.deepEqual(
    Array.from(k.codes, (code) => k.dictionary[code]),
    ['b', undefined, 'a', 'b'],
  );
  assert.deepEqual([...numbers.values], [1, 2, 3, NaN]);
  assert.deepEqual(
    Array.from(from.codes, (code) => ORIGINS[code]),
    ['reference', 'reference', 'current', 'current'],
  );
  assert.throws(
    () => stackTables(table(numeric('x', [1])), table(categorical('x', ['a'])), ['x']),
    /column 'x' is numeric and then categorical/,
  );
});
