import type { Scored } from './scored.ts';
import { rowTerms } from './sum-metrics.ts';
import { weightOf } from '../input/weights.ts';

/**
 * The loss of a row on average, by weight: log-loss (nats) of classes, squared error of numbers.
 * @param weights of the rows, above 0; absent: all 1
 * @throws RangeError if there is no row
 */
export function meanLoss(scores: Scored, weights?: Float64Array): number {
  const terms = rowTerms(scores.kind === 'classification' ? 'logLoss' : 'mse', scores);
  if (terms === undefined || scores.rows === 0) throw new RangeError('no rows to score');
  let sum = 0;
  terms.data.forEach((loss, i) => (sum += weights === undefined ? loss : weights[i] * loss));
  return sum / weightOf(terms.data, weights);
}
