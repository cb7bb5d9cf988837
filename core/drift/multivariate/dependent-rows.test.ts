import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '../../random.ts';
import type { Table } from '../../table.ts';
import { normal, numeric, table, times } from '../fixtures/tables.ts';
import { examineTogether, type ExaminedTogether } from '../together.ts';
import { effectiveOfDrawn, halvesInBlocks } from './dependent-rows.ts';

const runsOf = (halves: Uint8Array): readonly number[] => {
  const starts = Array.from(halves.keys()).filter((i) => i === 0 || halves[i] !== halves[i - 1]);
  return starts.map((start, k) => (starts[k + 1] ?? halves.length) - start);
};

test('halves are every other of at most eight blocks, of as many rows each', () => {
  assert.deepEqual(
    runsOf(halvesInBlocks(800, 2)),
    times(8, () => 100),
  );
  assert.deepEqual(
    runsOf(halvesInBlocks(400, 10)),
    times(4, () => 100),
  );
  assert.deepEqual(runsOf(halvesInBlocks(50, 20)), [25, 25]);
});

test('rows drawn from more are worth nearly as many', () => {
  const rows = { reference: 1000, current: 500 };
  const all = effectiveOfDrawn({ phi: 4, rows }, 1000, 500);
  assert.deepEqual([all.reference, all.current], [250, 125]);
  const some = effectiveOfDrawn({ phi: 4, rows }, 100, 500);
  assert.equal(some.phi.reference, 1.3);
  assert.ok(Math.abs(some.reference - 100 / 1.3) < 1e-12);
});

/** Two columns that correlate by `r`, each row with the one before by .7: a row is worth 1/5.7. */
function dependentPair(random: Random, rows: number, r: number): Table {
  const series = (): number[] => {
    let last = normal(random);
    return times(rows, () => (last = 0.7 * last + Math.sqrt(1 - 0.49) * normal(random)));
  };
  const [shared, own] = [series(), series()];
  return table(
    numeric('x', shared),
    numeric(
      'y',
      shared.map((x, i) => r * x + Math.sqrt(1 - r * r) * (own[i] ?? NaN)),
    ),
  );
}

function together(before: Table, now: Table, phi: number | null): ExaminedTogether {
  const rows = { reference: before.rows, current: now.rows };
  return examineTogether(before, now, {
    columns: ['x', 'y'],
    level: 0.025,
    threshold: 0.05,
    minRows: 30,
    dependent: phi === null ? undefined : { phi, freedom: Infinity, rows },
  });
}

const pValuesOf = ({ tests }: ExaminedTogether): readonly number[] =>
  tests.flatMap(({ decides, outcome }) =>
    decides && outcome.kind === 'tested' ? [outcome.pValue] : [],
  );

test('of dependent rows the tests over columns together keep their level, and find a correlation that turns', () => {
  const random = createRandom(1);
  const files = 60;
  const alarms = (r: number, phi: number | null): number =>
    times(files, () => {
      const [before, now] = [dependentPair(random, 600, 0.8), dependentPair(random, 600, r)];
      return pValuesOf(together(before, now, phi)).some((p) => p <= 0.05);
    }).filter(Boolean).length;
  assert.ok(alarms(0.8, 5.7) <= 0.08 * files);
  assert.ok(alarms(0.8, null) > 0.1 * files);
  assert.ok(alarms(-0.8, 5.7) > 0.95 * files);
});

test('what permutes single rows is not made of dependent ones, and too few rows are no samples', () => {
  const random = createRandom(2);
  const { tests } = together(dependentPair(random, 300, 0.8), dependentPair(random, 300, -0.8), 5);
  const reasons = tests.flatMap(({ outcome }) => ('reason' in outcome ? [outcome.reason] : []));
  assert.ok(reasons.some((reason) => reason.includes('permutations are for independent rows')));
  const few = together(dependentPair(random, 300, 0.8), dependentPair(random, 100, 0.8), 5);
  const [classifier] = few.tests;
  assert.ok(classifier?.outcome.kind === 'insufficient');
  assert.match(classifier.outcome.reason, /50 rows of each sample, got 2 and 100, worth 20/);
});
