import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column, Table } from '../../table.ts';
import { knownLabels } from './known-labels.ts';

function texts(labels: readonly (string | null)[]): Table {
  const dictionary = [...new Set(labels)].filter((label) => label !== null).sort();
  const codes = Int32Array.from(labels, (label) =>
    label === null ? -1 : dictionary.indexOf(label),
  );
  return { rows: labels.length, columns: [{ kind: 'categorical', name: 'y', codes, dictionary }] };
}

const numbers = (values: readonly number[]): Table => ({
  rows: values.length,
  columns: [{ kind: 'numeric', name: 'y', values: Float64Array.from(values) }],
});

function labelsOf(column: Column | undefined): readonly (string | number | null)[] {
  assert.ok(column !== undefined);
  return column.kind === 'categorical'
    ? Array.from(column.codes, (code) => column.dictionary[code] ?? null)
    : Array.from(column.values, (value) => (Number.isNaN(value) ? null : value));
}

test('labels that differ from the classes in form only are those classes, and it is said', () => {
  const yes = knownLabels(texts(['Yes', null, 'No']), 'y', ['no', 'yes']);
  assert.deepEqual(labelsOf(yes?.column), ['yes', null, 'no']);
  assert.match(yes?.note ?? '', /'Yes' as 'yes'/);
  const truths = knownLabels(texts(['true', 'false', null]), 'y', ['0', '1']);
  assert.deepEqual(labelsOf(truths?.column), [1, 0, null]);
  const ones = knownLabels(numbers([1, 0, NaN]), 'y', ['false', 'true']);
  assert.deepEqual(labelsOf(ones?.column), ['true', 'false', null]);
  const old = knownLabels(texts(['true', 'false']), 'y', ['False', 'True']);
  assert.deepEqual(labelsOf(old?.column), ['True', 'False']);
});

test('labels of which one is known are left as they are', () => {
  assert.equal(knownLabels(texts(['yes', 'Yes', 'new']), 'y', ['no', 'yes']), null);
  assert.equal(knownLabels(numbers([0, 1, 2]), 'y', ['0', '1']), null);
  assert.equal(knownLabels(texts([null]), 'y', ['0', '1']), null);
});

test('labels none of which is known in any form are refused, and both sets named', () => {
  assert.throws(
    () => knownLabels(texts(['oui', 'non']), 'y', ['no', 'yes']),
    /none of the labels in 'y': it predicts 'no', 'yes', and the file has 'non', 'oui'/,
  );
  assert.throws(() => knownLabels(texts(['A']), 'y', ['a', 'a ']), /knows none/);
});
