import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fisherExact } from './fisher.ts';
import { missingnessTest } from './missingness.ts';

test('shares of many values agree with the two-proportion z test', () => {
  // scipy 1.17.1, chi2_contingency([[40, 960], [70, 930]], correction=False): z²
  const result = missingnessTest({ count: 40, total: 1000 }, { count: 70, total: 1000 });
  assert.ok(Math.abs(result.statistic - 8.658008658008658) < 1e-9);
  assert.ok(Math.abs(result.pValue - 0.0032562696284120763) < 1e-12);
  assert.equal(result.method, 'two proportions');
  assert.ok(Math.abs(result.difference - 0.03) < 1e-15);
});

test('few missing values are tested exactly', () => {
  const reference = { count: 1, total: 30 };
  const current = { count: 7, total: 30 };
  const result = missingnessTest(reference, current);
  assert.equal(result.method, 'Fisher’s exact');
  assert.equal(result.pValue, fisherExact(reference, current));
});

test('a column that was full and is empty now could not be clearer', () => {
  const { pValue, difference } = missingnessTest(
    { count: 0, total: 500 },
    { count: 500, total: 500 },
  );
  assert.ok(pValue < 1e-200);
  assert.equal(difference, 1);
});

test('nothing missing, or everything, on both sides is no evidence', () => {
  assert.equal(missingnessTest({ count: 0, total: 50 }, { count: 0, total: 70 }).pValue, 1);
  assert.equal(missingnessTest({ count: 50, total: 50 }, { count: 70, total: 70 }).pValue, 1);
});

test('counts beyond their total, and totals of 0, are refused', () => {
  const fine = { count: 1, total: 2 };
  assert.throws(() => missingnessTest({ count: 3, total: 2 }, fine), /got 3 of 2/);
  assert.throws(() => missingnessTest(fine, { count: 0, total: 0 }), /got 0 of 0/);
});
