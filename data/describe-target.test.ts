import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Column } from '../core/table.ts';
import { describeTarget } from './describe-target.ts';

const numeric = (...xs: number[]): Column => ({
  kind: 'numeric',
  name: 'y',
  values: Float64Array.from(xs),
});
const category = (...codes: number[]): Column => ({
  kind: 'categorical',
  name: 'y',
  codes: Int32Array.from(codes),
  dictionary: ['no', 'yes'],
});
const describeColumn = (column: Column) => describeTarget({ rows: 3, columns: [column] }, 'y');

it('a file without the target column is not labelled', () => {
  assert.deepEqual(describeTarget({ rows: 3, columns: [numeric(1, 2, 3)] }, 'z'), {
    kind: 'absent',
  });
});

it('a target without any value is not labelled either', () => {
  assert.deepEqual(describeColumn(numeric(NaN, NaN, NaN)), { kind: 'all-missing' });
  assert.deepEqual(describeColumn(category(-1, -1, -1)), { kind: 'all-missing' });
});

it('a target with a single value is constant', () => {
  assert.deepEqual(describeColumn(category(1, -1, 1)), {
    kind: 'constant',
    value: 'yes',
    labelled: 2,
  });
  assert.deepEqual(describeColumn(numeric(7, 7, 7)), { kind: 'constant', value: '7', labelled: 3 });
});

it('any other target is usable', () => {
  assert.deepEqual(describeColumn(category(0, -1, 1)), {
    kind: 'usable',
    distinct: 2,
    labelled: 2,
  });
});
