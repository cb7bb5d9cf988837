import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_BOOSTING } from './boosting/params.ts';
import type { EstimatorParams } from './fit.ts';
import { fitBytes, memoryRefusal } from './fit-memory.ts';
import { ESTIMATORS } from './fixtures/estimators.ts';
import { DEFAULT_FOREST } from './forest/params.ts';
import { DEFAULT_LINEAR } from './linear/linear.ts';
import { DEFAULT_LOGISTIC } from './linear/logistic.ts';
import { DEFAULT_NAIVE_BAYES } from './naive-bayes/naive-bayes.ts';

const features = Array.from({ length: 20 }, (_, j) => ({
  kind: 'numeric' as const,
  name: `x${j}`,
}));

function sizeOf(params: EstimatorParams, rows: number): Parameters<typeof fitBytes>[0] {
  const classes = params.kind === 'linear' ? [] : ['a', 'b'];
  return { params, rows, schema: { features, classes }, threads: 1 };
}

/** Peak of resident memory over that before the fit, of `fitModel` in a process of its own (Linux VmHWM). */
const MEASURED: readonly [EstimatorParams, number, number][] = [
  [DEFAULT_NAIVE_BAYES, 100_000, 21],
  [DEFAULT_NAIVE_BAYES, 400_000, 71],
  [DEFAULT_LINEAR, 100_000, 25],
  [DEFAULT_LINEAR, 400_000, 77],
  [DEFAULT_LOGISTIC, 100_000, 36],
  [DEFAULT_LOGISTIC, 400_000, 154],
  [{ ...DEFAULT_BOOSTING, iterations: 5 }, 100_000, 45],
  [{ ...DEFAULT_BOOSTING, iterations: 5 }, 400_000, 124],
  [{ ...DEFAULT_FOREST, trees: 20 }, 100_000, 32],
  [{ ...DEFAULT_FOREST, trees: 20 }, 400_000, 123],
];

test('estimates are at least what was measured, less the room of the process itself, and at most twice', () => {
  for (const [params, rows, peakMb] of MEASURED) {
    const megabytes = fitBytes(sizeOf(params, rows)) / 2 ** 20;
    const where = `${params.kind}, ${rows} rows: ${megabytes.toFixed(0)} MB, measured ${peakMb}`;
    assert.ok(megabytes > peakMb - 5, where);
    assert.ok(megabytes < 2.2 * peakMb, where);
  }
});

test('more rows, classes, leaves and threads take more memory', () => {
  for (const params of ESTIMATORS) {
    const bytes = (rows: number): number => fitBytes(sizeOf(params, rows));
    assert.ok(bytes(1000) > 0 && bytes(2000) > bytes(1000), params.kind);
  }
  const forest = sizeOf(DEFAULT_FOREST, 10_000);
  assert.ok(fitBytes({ ...forest, threads: 2 }) > fitBytes(forest));
  const boosting = sizeOf(DEFAULT_BOOSTING, 1000);
  const leafy = { ...boosting, params: { ...DEFAULT_BOOSTING, maxLeaves: 300 } };
  assert.ok(fitBytes(leafy) > fitBytes(boosting));
});

test('a fit that would not keep within the limit says what it takes, what it may, and what helps', () => {
  const size = { ...sizeOf(DEFAULT_FOREST, 1_000_000), threads: 4 };
  assert.match(
    memoryRefusal(size, 512) ?? '',
    /^fitting 'forest' to 1000000 rows × 20 features takes about \d+ MB, more than the 512 MB that a fit may take; train on fewer rows, ignore columns, grow fewer trees, use fewer threads, or raise the limit$/,
  );
  assert.equal(memoryRefusal(sizeOf(DEFAULT_LINEAR, 1000), 512), null);
  assert.match(
    memoryRefusal(sizeOf(DEFAULT_LINEAR, 1_000_000), 10) ?? '',
    /; train on fewer rows, ignore columns, raise the limit$/,
  );
});
