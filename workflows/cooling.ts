import { durationMs } from '../core/duration.ts';
import type { Promotion } from './contract.ts';

/**
 * Why retraining rests after a promotion, in words; null if it does not.
 * @param coolDown files, or a duration such as `2h`
 * @param next number of the run that is to begin
 */
export function coolingAfter(
  promotion: Promotion | null,
  coolDown: number | string | undefined,
  next: number,
  nowMs: number,
): string | null {
  if (promotion === null || coolDown === undefined) return null;
  if (typeof coolDown === 'number') {
    const files = next - promotion.sequence;
    if (files > coolDown) return null;
    const rests = coolDown === 1 ? 'one file' : `${coolDown} files`;
    return `retraining rests for ${rests} after the champion was replaced, and this is number ${files}`;
  }
  const until = Date.parse(promotion.at) + durationMs(coolDown);
  if (nowMs >= until) return null;
  return `retraining rests for ${coolDown} after the champion was replaced, until ${new Date(until).toISOString()}`;
}
