import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Table } from '../../core/table.ts';
import { pipelineSchema, type PipelineConfig } from '../../pipelines/schema.ts';
import { requireColumns } from './required-columns.ts';

const config: PipelineConfig = {
  ...pipelineSchema.parse({
    name: 'sales',
    files: { folder: 'incoming' },
    target: 'sold',
    timeColumn: 'at',
    weightColumn: 'counts',
  }),
  hooks: null,
};

const numbers = (name: string, ...values: readonly number[]) =>
  ({ kind: 'numeric', name, values: Float64Array.from(values) }) as const;
const texts = (name: string, codes: readonly number[], dictionary: readonly string[]) =>
  ({ kind: 'categorical', name, codes: Int32Array.from(codes), dictionary }) as const;
const sold = texts('sold', [0, -1], ['yes']);

function check(...columns: Table['columns']): void {
  requireColumns({ rows: 2, columns }, config);
}

test('a file has the times and weights that its pipeline counts on', () => {
  check(numbers('at', 1, 2), numbers('counts', 1, 0), sold);
  check({ kind: 'time', name: 'at', values: Float64Array.of(0, NaN) });
  // The weight of a row without a label counts for nothing.
  check(numbers('at', 1, 2), numbers('counts', 1, -1), sold);
});

test('one that lacks them is invalid, and the reason names the column', () => {
  const wrong: readonly (readonly [Table['columns'], RegExp])[] = [
    [[sold], /timeColumn: no column 'at'; columns: sold/],
    [[texts('at', [0, 0], ['soon'])], /timeColumn 'at' holds text, such as 'soon'; times or/],
    [[texts('at', [-1, -1], [])], /timeColumn 'at' has no value/],
    [[numbers('at', 1, 2), sold], /weightColumn: no column 'counts'; columns: at, sold/],
    [
      [numbers('at', 1, 2), numbers('counts', -1, 1), sold],
      /weightColumn: .*the weight of row 1 must be 0 or more, got -1/,
    ],
  ];
  for (const [columns, message] of wrong) {
    assert.throws(() => check(...columns), { name: 'InvalidDatasetError', message });
  }
});
