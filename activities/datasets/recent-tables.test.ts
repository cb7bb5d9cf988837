import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Table } from '../../core/table.ts';
import { createRecentTables } from './recent-tables.ts';

const table = (rows: number): Table => ({
  rows,
  columns: [{ kind: 'numeric', name: 'x', values: new Float64Array(rows) }],
});

test('a table at hand is not read again, until others have taken its room', async () => {
  const recent = createRecentTables(100);
  const reads: string[] = [];
  const get = (name: string, rows: number): Promise<Table> =>
    recent.get(name, () => {
      reads.push(name);
      return Promise.resolve(table(rows));
    });
  await get('a', 40);
  await get('b', 40);
  await get('a', 40);
  await get('c', 40);
  await get('a', 40);
  await get('b', 40);
  assert.deepEqual(reads, ['a', 'b', 'c', 'b']);
});

test('a table beyond all room is given and not kept', async () => {
  const recent = createRecentTables(100);
  assert.equal((await recent.get('big', () => Promise.resolve(table(500)))).rows, 500);
  assert.equal((await recent.get('big', () => Promise.resolve(table(1)))).rows, 1);
});
