import { quantileSorted } from 'simple-statistics';
import type { ResidualQuantiles } from './evaluation.ts';
import type { Scored } from './scored.ts';

/** Quantiles of outcome minus prediction (type 7). */
export function residualQuantiles({
  truth,
  values,
}: Extract<Scored, { kind: 'regression' }>): ResidualQuantiles {
  const sorted = Array.from(truth.map((y, i) => y - values[i]).sort());
  return {
    p05: quantileSorted(sorted, 0.05),
    p50: quantileSorted(sorted, 0.5),
    p95: quantileSorted(sorted, 0.95),
  };
}
