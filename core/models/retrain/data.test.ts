import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { allRows, numbers, tableOf, texts, times } from '../fixtures/tables.ts';
import { assembleData, windowIsFull } from './data.ts';
import type { DataSources } from './data.ts';
import { joinTables } from './join-tables.ts';
import { dataNeedOf } from './modes.ts';

/** Numbers x with their time, and a label where one is given. */
function file(x: readonly number[], at: readonly (number | null)[], label = 'a'): Table {
  return tableOf(
    numbers('x', x),
    times('at', at),
    texts(
      'y',
      x.map((value) => (value < 0 ? null : label)),
    ),
  );
}

function sourcesOf(newFile: Table, rest: Partial<DataSources> = {}): DataSources {
  return {
    target: 'y',
    newFile: { table: newFile, train: allRows(newFile) },
    earlier: [],
    reservoir: null,
    seed: 1,
    ...rest,
  };
}

/** The x of the rows learned from. */
function learned(need: Parameters<typeof assembleData>[0], sources: DataSources): number[] {
  const { table, learn } = assembleData(need, sources);
  const [column] = takeRows(table, learn).columns;
  return column?.kind === 'numeric' ? [...column.values] : [];
}

test('without more, a mode learns from the training rows of the new file as they are', () => {
  const table = file([1, 2, 3], [1, 2, 3]);
  const sources = sourcesOf(table, { newFile: { table, train: Int32Array.of(0, 2) } });
  const data = assembleData({ kind: 'new file' }, sources);
  assert.equal(data.table, table);
  assert.deepEqual([...data.learn], [0, 2]);
  assert.deepEqual(data.fresh, data.learn);
});

test('full on the last files reads the newest of those before, and no row without a label', () => {
  const earlier = [file([1], [1]), file([2, -2], [2, 2]), file([3], [3])];
  const need = dataNeedOf('full', {
    lastFiles: 3,
    window: { kind: 'rows', rows: 1 },
    replayShare: 1,
  });
  assert.deepEqual(learned(need, sourcesOf(file([4], [4]), { earlier })), [2, 3, 4]);
});

test('a window of rows goes by the time column where there is one, rows without a time are the oldest', () => {
  const earlier = [file([1, 2, 3], [10, null, 30])];
  const sources = sourcesOf(file([4, 5], [20, 40]), { earlier, timeColumn: 'at' });
  const window = { kind: 'rows', rows: 3 } as const;
  assert.deepEqual(learned({ kind: 'window', window }, sources), [3, 4, 5]);
  const without = sourcesOf(file([4, 5], [20, 40]), { earlier });
  assert.deepEqual(learned({ kind: 'window', window }, without), [3, 4, 5]);
  const four = { kind: 'rows', rows: 4 } as const;
  assert.deepEqual(learned({ kind: 'window', window: four }, sources), [1, 3, 4, 5]);
  assert.deepEqual(learned({ kind: 'window', window: four }, without), [2, 3, 4, 5]);
});

test('a window of time ends with the newest row and counts back from it', () => {
  const earlier = [file([1, 2], [0, 60])];
  const sources = sourcesOf(file([3, 4], [90, 100]), { earlier, timeColumn: 'at' });
  const window = { kind: 'time', ms: 40 } as const;
  // The window is (60, 100]: the row at 60 is out.
  assert.deepEqual(learned({ kind: 'window', window }, sources), [3, 4]);
  assert.deepEqual(
    learned({ kind: 'window', window: { kind: 'time', ms: 41 } }, sources),
    [2, 3, 4],
  );
});

test('no more files are loaded once those before reach beyond the window', () => {
  const sources = sourcesOf(file([3, 4], [90, 100]), { timeColumn: 'at' });
  const rows = { kind: 'rows', rows: 3 } as const;
  const time = { kind: 'time', ms: 40 } as const;
  assert.equal(windowIsFull(rows, sources), false);
  assert.equal(windowIsFull(time, sources), false);
  const more = { ...sources, earlier: [file([1, 2], [0, 80])] };
  assert.equal(windowIsFull(rows, more), true);
  assert.equal(windowIsFull(time, more), true);
});

test('a window of time without times, or with a text for a time, says what is needed', () => {
  const need = { kind: 'window', window: { kind: 'time', ms: 40 } } as const;
  assert.throws(() => assembleData(need, sourcesOf(file([1], [1]))), /needs a time column/);
  const text = tableOf(numbers('x', [1]), texts('at', ['noon']), texts('y', ['a']));
  assert.throws(
    () => assembleData(need, sourcesOf(text, { timeColumn: 'at' })),
    /'at' holds text \(e\.g\. 'noon'\)/,
  );
});

test('replay draws its share of the reservoir, other rows with another seed', () => {
  const reservoir = file(
    Array.from({ length: 50 }, (_, i) => 100 + i),
    Array.from({ length: 50 }, () => 0),
  );
  const newFile = file([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]);
  const need = { kind: 'reservoir', share: 0.4 } as const;
  const drawn = learned(need, sourcesOf(newFile, { reservoir }));
  assert.equal(drawn.length, 7);
  assert.deepEqual(drawn.slice(2), [1, 2, 3, 4, 5]);
  assert.ok(drawn.slice(0, 2).every((x) => x >= 100));
  assert.deepEqual(learned(need, sourcesOf(newFile, { reservoir })), drawn);
  assert.notDeepEqual(learned(need, sourcesOf(newFile, { reservoir, seed: 2 })), drawn);
  assert.equal(
    learned({ kind: 'reservoir', share: null }, sourcesOf(newFile, { reservoir })).length,
    55,
  );
});

test('what is asked for in vain is named', () => {
  const options = { lastFiles: 0, window: { kind: 'rows', rows: 0 }, replayShare: 0 } as const;
  assert.throws(
    () => dataNeedOf('full', options),
    /lastFiles must be a whole number from 1, got 0/,
  );
  assert.throws(() => dataNeedOf('window', options), /rows must be a whole number from 1, got 0/);
  assert.throws(() => dataNeedOf('replay', options), /replayShare must be above 0, got 0/);
});

test('joined tables have every column, missing where a table lacks it, and one dictionary', () => {
  const joined = joinTables([
    tableOf(numbers('x', [1, 2]), texts('t', ['b', 'c'])),
    tableOf(texts('t', ['a', null]), numbers('z', [8, 9])),
  ]);
  assert.deepEqual(
    joined,
    tableOf(
      numbers('x', [1, 2, null, null]),
      texts('t', ['b', 'c', 'a', null]),
      numbers('z', [null, null, 8, 9]),
    ),
  );
});

test('a column whose kind changes is of the newest kind that has a value, older values are missing', () => {
  const empty = tableOf(numbers('x', [null]));
  const joined = joinTables([tableOf(numbers('x', [1])), tableOf(texts('x', ['one'])), empty]);
  assert.deepEqual(joined, tableOf(texts('x', [null, 'one', null])));
});
