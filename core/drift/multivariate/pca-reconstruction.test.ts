import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { numeric, table } from '../fixtures/tables.ts';
import { encodeRows } from './encode-rows.ts';
import type { PointPair } from './encode-rows.ts';
import { COLUMNS, correlatedTable, mostAlarms } from './fixtures/correlated.ts';
import { pcaReconstructionTest } from './pca-reconstruction.ts';

function pairOf(seed: number, n: number, m: number, before: number, now: number): PointPair {
  const random = createRandom(seed);
  return encodeRows(correlatedTable(random, n, before), correlatedTable(random, m, now), COLUMNS, {
    maxRows: 20_000,
    seed,
  });
}

function tested(pair: PointPair, options = { seed: 1 }) {
  const result = pcaReconstructionTest(pair, options);
  assert.ok(result.kind === 'tested', 'tested');
  return result;
}

test('rows on the reference’s line are reconstructed, rows beside it are off by their distance', () => {
  const line = Float64Array.from({ length: 40 }, (_, i) => i - 19.5);
  const points = (offset: number) => ({
    data: Float64Array.from(line, (x) => x).reduce((data, x, i) => {
      data[2 * i] = x - offset;
      data[2 * i + 1] = x + offset;
      return data;
    }, new Float64Array(80)),
    rows: 40,
    cols: 2,
  });
  const result = tested({
    reference: points(0),
    current: points(3),
    columns: ['x', 'y'],
    columnOfDimension: Int32Array.of(0, 1),
  });
  assert.equal(result.components, 1);
  assert.ok(result.referenceError < 1e-20);
  assert.ok(Math.abs(result.currentError - 18) < 1e-9);
  assert.equal(result.statistic, 1);
  assert.ok(Math.abs((result.attribution[0]?.share ?? NaN) - 0.5) < 1e-9);
});

test('no more than 5 % of files without change are below 0.05', () => {
  const repetitions = 300;
  let alarms = 0;
  for (let seed = 0; seed < repetitions; seed++) {
    if (tested(pairOf(seed, 120, 80, 0.5, 0.5), { seed }).pValue <= 0.05) alarms++;
  }
  assert.ok(alarms <= mostAlarms(repetitions), `${alarms} alarms in ${repetitions}`);
});

test('a rotated correlation is found although no column changes, and so are its columns', () => {
  const result = tested(pairOf(5, 300, 200, 0.8, -0.8));
  assert.ok(result.pValue < 1e-4, String(result.pValue));
  assert.ok(result.currentError > 1.2 * result.referenceError);
  const share = new Map(result.attribution.map((own) => [own.column, own.share]));
  assert.ok(
    (share.get('a') ?? 0) + (share.get('b') ?? 0) > 0.8,
    JSON.stringify(result.attribution),
  );
});

test('one dimension, or few rows, leave nothing to reconstruct', () => {
  const column = table(
    numeric(
      'x',
      Array.from({ length: 50 }, (_, i) => i),
    ),
  );
  const narrow = encodeRows(column, column, ['x'], { maxRows: 100, seed: 1 });
  const result = pcaReconstructionTest(narrow, { seed: 1 });
  assert.ok(result.kind === 'not applicable');
  assert.match(result.reason, /need 2 dimensions and 20 rows of each sample, got 1 and 50/);
  assert.equal(pcaReconstructionTest(pairOf(1, 100, 10, 0, 0), { seed: 1 }).kind, 'not applicable');
  assert.throws(
    () => pcaReconstructionTest(pairOf(1, 30, 30, 0, 0), { seed: 1, explained: 1 }),
    /explained must be in \(0, 1\), got 1/,
  );
});
