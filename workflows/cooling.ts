import { durationMs } from '../core/duration.ts';
import type { CoolDown, Promotion } from './contract.ts';

/**
 * The rest of retraining after a promotion, whatever the time is; null if there is none, or its files have come.
 * @param rests files, or a duration such as `2h`
 * @param next number of the run that is to begin
 */
export function coolDownOf(
  promotion: Promotion | null,
  rests: number | string | undefined,
  next: number,
): CoolDown | null {
  if (promotion === null || rests === undefined) return null;
  if (typeof rests === 'number') {
    const files = next - promotion.sequence;
    if (files > rests) return null;
    const long = rests === 1 ? 'one file' : `${rests} files`;
    const words = `retraining rests for ${long} after the champion was replaced, and this is number ${files}`;
    return { words, until: null };
  }
  const until = new Date(Date.parse(promotion.at) + durationMs(rests)).toISOString();
  const words = `retraining rests for ${rests} after the champion was replaced, until ${until}`;
  return { words, until };
}

/** Why retraining rests at a moment, in words; null if it does not. */
export function coolingAfter(
  promotion: Promotion | null,
  rests: number | string | undefined,
  next: number,
  nowMs: number,
): string | null {
  const coolDown = coolDownOf(promotion, rests, next);
  if (coolDown === null) return null;
  const isOver = coolDown.until !== null && nowMs >= Date.parse(coolDown.until);
  return isOver ? null : coolDown.words;
}
