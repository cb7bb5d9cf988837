import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { normal, numeric, table, times } from '../fixtures/tables.ts';
import { followErrors } from './error-course.ts';
import type { RowErrors } from './row-errors.ts';

const errorsOf = (losses: readonly number[]): RowErrors => ({
  losses: Float64Array.from(losses),
  residuals: new Float64Array(losses.length),
});

const rowsOf = (rows: number) =>
  table(
    numeric(
      'x',
      times(rows, (i) => i),
    ),
  );

const wrong = (random: Random, share: number): number => Number(random() < share);

test('the row from which on a classifier errs more is found, and signalled a little later', () => {
  const random = createRandom(1);
  const losses = times(4000, (i) => wrong(random, i < 2500 ? 0.1 : 0.35));
  const course = followErrors(rowsOf(4000), errorsOf(losses), 'adwin');
  assert.ok(Math.abs(course.onset!.row - 2501) < 60);
  assert.ok(course.onset!.pValue < 1e-6);
  assert.equal(course.detector, 'ADWIN');
  assert.equal(course.changes, 1);
  const [signalled] = course.firstChanges;
  assert.ok(signalled!.row > 2501 && signalled!.row < 2900);
});

test('steady errors have neither onset nor change, of classes and of numbers', () => {
  let onsets = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const random = createRandom(seed);
    const losses = times(1000, () => (seed % 2 === 0 ? wrong(random, 0.2) : normal(random) ** 2));
    const course = followErrors(rowsOf(1000), errorsOf(losses), 'adwin');
    assert.equal(course.changes, 0);
    if (course.onset !== null) onsets++;
  }
  assert.ok(onsets <= 5, `${onsets} of 40`);
});

test('errors of numbers are followed by every kind of detector', () => {
  const random = createRandom(3);
  const losses = times(3000, (i) => Math.abs(normal(random)) * (i < 1500 ? 1 : 3));
  for (const detector of ['adwin', 'hddmA', 'ddm', 'pageHinkley'] as const) {
    const course = followErrors(rowsOf(3000), errorsOf(losses), detector);
    assert.ok(course.changes > 0, detector);
    assert.ok(Math.abs(course.onset!.row - 1501) < 60);
  }
});

test('with a time column errors follow each other in time', () => {
  const random = createRandom(4);
  const at = times(2000, (i) => (i * 777) % 2000);
  const data = table(numeric('at', at));
  const losses = at.map((time) => wrong(random, time < 1200 ? 0.1 : 0.6));
  const { onset } = followErrors(data, errorsOf(losses), 'adwin', 'at');
  assert.ok(Math.abs(onset!.time! - 1200) < 40);
  assert.equal(at[onset!.row - 1], onset!.time);
});
