import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeContainer, encodeContainer } from '../../models/artefact/container.ts';
import { createRandom } from '../../random.ts';
import { compareSummaries } from '../detect.ts';
import { categorical, mixedTable, numeric, OPTIONS, table } from '../fixtures/tables.ts';
import { decodeSummary, encodeSummary } from './artefact.ts';
import { summariseTable } from './table-summary.ts';

const summary = summariseTable(mixedTable(createRandom(1), 6_000));
const bytes = encodeSummary(summary);

test('a stored summary is read as it was, and gives the same report', () => {
  const read = decodeSummary(bytes);
  assert.deepEqual(read, summary);
  assert.deepEqual(encodeSummary(read), bytes);
  const current = summariseTable(mixedTable(createRandom(2), 500));
  assert.deepEqual(
    compareSummaries(read, current, OPTIONS),
    compareSummaries(summary, current, OPTIONS),
  );
});

test('columns without values, and names of any characters, are stored', () => {
  const odd = summariseTable(
    table(numeric('größe\0"', [NaN, NaN]), categorical('', [null, 'é\n']), numeric('x', [1, 2])),
  );
  assert.deepEqual(decodeSummary(encodeSummary(odd)), odd);
  const empty = summariseTable(table());
  assert.deepEqual(decodeSummary(encodeSummary(empty)), empty);
});

test('a summary of another version is refused by number', () => {
  const { kind, meta, arrays } = decodeContainer(bytes);
  const later = encodeContainer({ kind, meta: { ...(meta as object), version: 9 }, arrays });
  assert.throws(
    () => decodeSummary(later),
    /table summary of version 9; this CalmOps reads version 2/,
  );
});

test('bytes that are no whole summary are refused', () => {
  for (const length of [0, 10, 1000, bytes.length - 8]) {
    assert.throws(() => decodeSummary(bytes.subarray(0, length)), RangeError);
  }
  const { kind, meta, arrays } = decodeContainer(bytes);
  const refused = (changed: Parameters<typeof encodeContainer>[0], why: RegExp): void => {
    assert.throws(() => decodeSummary(encodeContainer(changed)), why);
  };
  refused({ kind: 'forest', meta, arrays }, /expected a table summary, got a 'forest'/);
  refused({ kind, meta: { version: 2 }, arrays }, /its header lacks something/);
  const [first] = Object.values(arrays);
  assert.ok(first instanceof Float64Array);
  const unsorted = { ...arrays, 'column 0': first.toReversed() };
  refused({ kind, meta, arrays: unsorted }, /column 'bell' holds what no summary does/);
  const fewer = { ...(meta as object), rows: 5_999 };
  refused({ kind, meta: fewer, arrays }, /does not have the values of 5999 rows/);
});
