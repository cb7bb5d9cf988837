import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import type { Table } from '../../table.ts';
import { categorical, normal, numeric, table, times } from '../fixtures/tables.ts';
import { summariseTable } from '../summary/table-summary.ts';
import { examineQuality, type QualityFinding, type QualityOptions } from './quality.ts';
import { countRepeatedRows } from './repeated-rows.ts';

const OPTIONS: QualityOptions = { rise: 0.05, ignore: [], target: 'y' };

const qualityOf = (before: Table, now: Table, options = OPTIONS): readonly QualityFinding[] =>
  examineQuality(summariseTable(before), summariseTable(now), options);

const wordsOf = (before: Table, now: Table): readonly string[] =>
  qualityOf(before, now).map(({ words }) => words);

test('a column that is missing, new, empty or of another type is said, with its name', () => {
  const before = table(
    numeric('gone', [1, 2, 3]),
    numeric('code', [1, 2, 3]),
    numeric('hollow', [1, 2, 3]),
    numeric('y', [1, 2, 3]),
  );
  const now = table(
    categorical('code', ['a', 'b', 'a']),
    numeric('hollow', [NaN, NaN, NaN]),
    numeric('fresh', [1, 2, 3]),
  );
  assert.deepEqual(wordsOf(before, now), [
    'gone is not in this file',
    'code holds categories, in the reference numbers',
    'hollow has no value in this file',
    'fresh is new: the reference does not have it',
  ]);
});

test('a file from the same world has nothing said about it in nine of ten cases', () => {
  const random = createRandom(1);
  const make = (rows: number): Table =>
    table(
      numeric(
        'x',
        times(rows, () => normal(random)),
      ),
      categorical(
        'k',
        times(rows, () => (random() < 0.01 ? 'rare' : 'common')),
      ),
    );
  let told = 0;
  for (let i = 0; i < 60; i++) if (qualityOf(make(400), make(100)).length > 0) told++;
  assert.ok(told <= 6, `${told} of 60`);
});

test('values beyond the range of the reference are counted, with the range', () => {
  const before = table(
    numeric(
      'x',
      times(100, (i) => i),
    ),
  );
  const now = table(
    numeric(
      'x',
      times(100, (i) => (i < 30 ? -5 : i < 40 ? 200 : i)),
    ),
  );
  const finding = qualityOf(before, now).find(({ kind }) => kind === 'out of range');
  assert.ok(finding?.kind === 'out of range');
  assert.deepEqual([finding.below, finding.above], [0.3, 0.1]);
  assert.equal(finding.words, "40 % of x are beyond the reference's 0 to 99");
});

test('new and lost categories are named, the most frequent first, with their share', () => {
  const before = table(
    categorical(
      'k',
      times(100, (i) => ['a', 'b', 'c'][i % 3] ?? ''),
    ),
  );
  const now = table(
    categorical(
      'k',
      times(100, (i) => (i < 80 ? 'a' : i < 95 ? 'new' : 'newer')),
    ),
  );
  assert.deepEqual(wordsOf(before, now), [
    '20 % of k are of 2 new categories: new, newer',
    '2 lost categories of k, 66 % in the reference: b, c',
  ]);
});

test('a column that became constant, and one with more missing values, are said', () => {
  const before = table(
    numeric(
      'x',
      times(50, (i) => i),
    ),
    numeric(
      'z',
      times(50, (i) => i),
    ),
  );
  const now = table(
    numeric(
      'x',
      times(50, () => 7),
    ),
    numeric(
      'z',
      times(50, (i) => (i < 10 ? NaN : i)),
    ),
  );
  assert.deepEqual(wordsOf(before, now), [
    '18 % of the rows repeat another one, 0 % in the reference',
    'x is 7 in every row',
    '20 % of z are missing, 0 % in the reference',
  ]);
});

test('rows that repeat another one are counted, however their values are missing', () => {
  const rows = table(
    numeric('x', [1, 1, 1, NaN, NaN, 0, -0]),
    categorical('k', ['a', 'a', 'b', null, null, 'a', 'a']),
  );
  assert.equal(countRepeatedRows(rows), 3);
  const random = createRandom(2);
  const different = table(
    numeric(
      'x',
      times(200_000, (i) => i + random()),
    ),
    numeric(
      'y',
      times(200_000, (i) => i % 3),
    ),
  );
  assert.equal(countRepeatedRows(different), 0);
  assert.equal(countRepeatedRows({ rows: 3, columns: [] }), 0);
});

test('a file that repeats a tenth of its rows is said to, and one that always did is not', () => {
  const once = table(
    numeric(
      'x',
      times(100, (i) => i),
    ),
  );
  const twice = table(
    numeric(
      'x',
      times(100, (i) => i % 90),
    ),
  );
  assert.deepEqual(wordsOf(once, twice), [
    '10 % of the rows repeat another one, 0 % in the reference',
  ]);
  assert.deepEqual(wordsOf(twice, twice), []);
});

test('what the pipeline ignores is passed over, and so is a file without its target', () => {
  const before = table(numeric('y', [1, 2, 3]), numeric('x', [1, 2, 3]), numeric('z', [1, 2, 3]));
  const now = table(numeric('z', [1, 2, 3]));
  const kinds = qualityOf(before, now, { ...OPTIONS, ignore: ['x'] }).map(({ kind }) => kind);
  assert.deepEqual(kinds, []);
});
