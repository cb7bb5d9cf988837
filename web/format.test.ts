import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatEstimate,
  formatMetric,
  formatNumber,
  formatPValue,
  formatScore,
  formatShare,
  formatTime,
} from './format.ts';

const cases = <T>(
  format: (value: T) => string,
  expected: readonly (readonly [T, string])[],
): void => {
  for (const [value, text] of expected) assert.equal(format(value), text);
};

describe('format', () => {
  it('gives numbers three significant digits and thousands in full', () => {
    cases(formatNumber, [
      [0, '0'],
      [0.123456, '0.123'],
      [0.05, '0.05'],
      [-1.5, '−1.5'],
      [12, '12'],
      [99.96, '100'],
      [1431, '1,431'],
      [1234567.8, '1,234,568'],
      [0.0000123, '1.2e−5'],
      [Number.NaN, 'not a number'],
    ]);
  });

  it('never shows a drift score as material that is not', () => {
    cases(formatScore, [
      [0, '0.00'],
      [0.5, '0.50'],
      [0.9999, '0.99'],
      [1, '1.00'],
      [2.934, '2.93'],
      [1234.5, '1,235'],
    ]);
  });

  it('says of a tiny p only that it is tiny', () => {
    cases(formatPValue, [
      [0, '< 0.001'],
      [0.000999, '< 0.001'],
      [0.0314159, '0.031'],
      [1, '> 0.999'],
    ]);
  });

  it('gives shares as percentages', () => {
    cases(formatShare, [
      [0, '0.0 %'],
      [0.0001, '< 0.1 %'],
      [0.0314, '3.1 %'],
      [1, '100.0 %'],
    ]);
  });

  it('gives metrics within 0 and 1 three decimals, and others by their size', () => {
    assert.equal(formatMetric('accuracy', 0.9), '0.900');
    assert.equal(formatMetric('r2', -0.25), '−0.250');
    assert.equal(formatMetric('rmse', 148.234), '148');
    assert.equal(formatMetric('rmse', 1.7), '1.70');
    assert.equal(formatMetric('mae', 0), '0');
    assert.equal(
      formatEstimate({ name: 'f1', value: 0.85, low: 0.8, high: 0.9 }),
      '0.850 (0.800 to 0.900)',
    );
  });

  it('gives durations in at most two units', () => {
    cases(formatDuration, [
      [-3, '0 ms'],
      [420, '420 ms'],
      [3210, '3.2 s'],
      [59_400, '59 s'],
      [250_000, '4 min 10 s'],
      [7_500_000, '2 h 5 min'],
      [172_800_000, '2 d'],
    ]);
  });

  it('counts in words and measures in bytes', () => {
    assert.equal(formatCount(1, 'file'), '1 file');
    assert.equal(formatCount(0, 'file'), '0 files');
    assert.equal(formatCount(2, 'category', 'categories'), '2 categories');
    cases(formatBytes, [
      [1, '1 byte'],
      [999, '999 bytes'],
      [52_000, '52.0 kB'],
      [1_234_567_890, '1.23 GB'],
    ]);
  });

  it('gives times in UTC, and what is not a time as it is', () => {
    assert.equal(
      formatTime('2026-11-24T16:12:21+01:00').toString(),
      '<time datetime="2026-11-24T15:12:21.000Z">2026-11-24 15:12:21 UTC</time>',
    );
    assert.equal(formatTime('<soon>').toString(), '&lt;soon&gt;');
  });
});
