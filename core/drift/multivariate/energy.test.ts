import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../random.ts';
import { energyDistance } from '../../stats/energy-distance.ts';
import { encodeRows } from './encode-rows.ts';
import type { PointPair } from './encode-rows.ts';
import { ENERGY_MAX_ROWS, energyTest } from './energy.ts';
import { COLUMNS, correlatedTable, mostAlarms } from './fixtures/correlated.ts';

const OPTIONS = { seed: 1, permutations: 199 };

function pairOf(seed: number, n: number, m: number, before: number, now: number): PointPair {
  const random = createRandom(seed);
  return encodeRows(correlatedTable(random, n, before), correlatedTable(random, m, now), COLUMNS, {
    maxRows: 20_000,
    seed,
  });
}

function tested(pair: PointPair, options = OPTIONS) {
  const result = energyTest(pair, options);
  assert.ok(result.kind === 'tested', 'tested');
  return result;
}

test('in one dimension it is the distance of the distribution functions', () => {
  const x = Float64Array.of(1, 2, 2, 5, 9);
  const y = Float64Array.of(0, 2, 7);
  const pair = {
    reference: { data: x, rows: 5, cols: 1 },
    current: { data: y, rows: 3, cols: 1 },
    columns: ['x'],
    columnOfDimension: Int32Array.of(0),
  };
  assert.ok(Math.abs(tested(pair).statistic - energyDistance(x, y)) < 1e-12);
});

test('no more than 5 % of files without change are below 0.05', () => {
  const repetitions = 120;
  let alarms = 0;
  for (let seed = 0; seed < repetitions; seed++) {
    const { pValue } = tested(pairOf(seed, 40, 60, 0.5, 0.5), { seed, permutations: 99 });
    if (pValue <= 0.05) alarms++;
  }
  assert.ok(alarms <= mostAlarms(repetitions), `${alarms} alarms in ${repetitions}`);
});

test('a rotated correlation is found although no column changes, and so are its columns', () => {
  const { pValue, attribution } = tested(pairOf(5, 250, 200, 0.8, -0.8));
  assert.equal(pValue, 1 / 200);
  const share = new Map(attribution.map((own) => [own.column, own.share]));
  assert.ok(
    (share.get('a') ?? 0) > 0.3 && (share.get('b') ?? 0) > 0.3,
    JSON.stringify(attribution),
  );
});

test('more rows than it is made for are refused; too few are no samples to compare', () => {
  const many = pairOf(1, ENERGY_MAX_ROWS, 1, 0, 0);
  assert.throws(() => energyTest(many, OPTIONS), /at most 2000 rows together, got 2000 and 1/);
  assert.equal(energyTest(pairOf(1, 5, 1, 0, 0), OPTIONS).kind, 'not applicable');
});
