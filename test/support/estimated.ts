import assert from 'node:assert/strict';
import {
  isEstimated,
  type EstimatedPerformance,
  type PerformanceEstimate,
} from '../../core/drift/label-free/estimate.ts';

/** What was estimated; fails the test where nothing was. */
export function estimatedIn({
  estimated,
}: {
  readonly estimated?: PerformanceEstimate | null | undefined;
}): EstimatedPerformance {
  assert.ok(estimated !== undefined && estimated !== null, 'no estimate was asked for');
  if (!isEstimated(estimated)) assert.fail(estimated.reason);
  return estimated;
}
