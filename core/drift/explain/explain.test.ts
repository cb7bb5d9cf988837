import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../random.ts';
import { takeRows } from '../../table.ts';
import { mixedTable, normal, numeric, table, times } from '../fixtures/tables.ts';
import { explainDrift } from './explain.ts';

const NAMES = mixedTable(createRandom(1), 10).columns.map(({ name }) => name);

test('each changed column is given the row where its change began', () => {
  const random = createRandom(2);
  const before = mixedTable(random, 3000);
  const calm = mixedTable(random, 2000);
  const columns = calm.columns.map((column) => {
    if (column.name === 'bell' && column.kind === 'numeric') {
      return { ...column, values: column.values.map((x, i) => (i >= 1200 ? 1.6 * x : x)) };
    }
    if (column.name === 'colour' && column.kind === 'categorical') {
      return {
        ...column,
        codes: column.codes.map((code, i) => (i >= 500 && i % 4 === 0 ? 0 : code)),
      };
    }
    return column;
  });
  const found = explainDrift(
    before,
    { ...calm, columns },
    { changed: ['bell', 'colour'], columns: NAMES, target: 'target', seed: 1 },
  );
  const [bell, colour] = found.columns;
  assert.ok(Math.abs(bell!.onset!.row - 1201) < 150, `${bell!.onset!.row}`);
  assert.ok(Math.abs(colour!.onset!.row - 501) < 100, `${colour!.onset!.row}`);
  assert.equal(found.currentRows, 2000);
});

test('rows in the order of time give the time when the change began', () => {
  const random = createRandom(3);
  const at = times(6000, (i) => 1e12 + ((i * 7919) % 6000) * 1000);
  const before = table(
    numeric(
      'x',
      times(6000, () => normal(random)),
    ),
  );
  const now = table(
    { kind: 'time', name: 'at', values: Float64Array.from(at) },
    numeric(
      'x',
      at.map((time) => normal(random) + (time >= 1e12 + 4_000_000 ? 0.7 : 0)),
    ),
  );
  const options = { changed: ['x'], columns: ['x'], target: 'y', timeColumn: 'at', seed: 1 };
  const onset = explainDrift(before, now, options).columns[0]?.onset;
  assert.ok(Math.abs(onset!.time! - (1e12 + 4_000_000)) < 100_000);
  assert.equal(at[onset!.row - 1], onset!.time);
});

test('rows that were shuffled have no onset', () => {
  const random = createRandom(4);
  let onsets = 0;
  for (let run = 0; run < 40; run++) {
    const before = mixedTable(random, 400);
    const now = mixedTable(random, 400);
    const columns = now.columns.map((column) =>
      column.kind === 'numeric' ? { ...column, values: column.values.map((x) => x + 1) } : column,
    );
    const options = {
      changed: ['bell', 'skewed', 'tied'],
      columns: NAMES,
      target: 'target',
      seed: 1,
    };
    const found = explainDrift(before, { rows: 400, columns }, options);
    if (found.columns.some(({ onset }) => onset !== null)) onsets++;
  }
  assert.ok(onsets <= 6, `${onsets} of 40`);
});

test('an explanation is the same again, is plain JSON, and looks at few rows of large tables', () => {
  const random = createRandom(5);
  const before = mixedTable(random, 5200);
  const now = mixedTable(random, 5100);
  const options = { changed: ['bell', 'town'], columns: NAMES, target: 'target', seed: 7 };
  const found = explainDrift(before, now, options);
  assert.deepEqual(explainDrift(before, now, options), found);
  assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
  assert.deepEqual([found.referenceRows, found.currentRows], [5000, 5000]);
});

test('any rows can be explained, whatever they hold', () => {
  const source = mixedTable(createRandom(6), 300);
  const rows = fc.array(fc.nat(299), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(rows, rows, (a, b) => {
      const found = explainDrift(
        takeRows(source, Int32Array.from(a)),
        takeRows(source, Int32Array.from(b)),
        { changed: ['gaps', 'note', 'rain'], columns: NAMES, target: 'target', seed: 1 },
      );
      assert.doesNotMatch(
        JSON.stringify(found, (_, x: unknown) => (x === undefined ? 'undefined' : x)),
        /NaN|undefined/,
      );
      for (const { onset } of found.columns) {
        if (onset !== null)
          assert.ok(onset.row >= 1 && onset.row <= b.length && onset.pValue <= 0.05);
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});
