import type { Effect } from './report.ts';

/** What of a change, be it a stored one, says how strong it is. */
interface Rated {
  readonly material: boolean;
  readonly significant: boolean;
  readonly effect: Pick<Effect, 'value' | 'threshold'>;
}

/** Effect ÷ threshold. A threshold of 0 makes every significant change material: 1 and above. */
export const strengthOfEffect = ({ value, threshold }: Rated['effect']): number =>
  threshold > 0 ? Math.min(value / threshold, Number.MAX_VALUE) : 1 + value;

/** Order of changes, strongest first: material ones, then significant ones, then others, each by effect ÷ threshold. */
export function byStrength(a: Rated, b: Rated): number {
  const rank = ({ material, significant }: Rated): number => (material ? 2 : significant ? 1 : 0);
  return rank(b) - rank(a) || strengthOfEffect(b.effect) - strengthOfEffect(a.effect);
}

/** The change, of a column for instance, that says most; null of none. */
export function strongestChange<T extends Rated>(changes: readonly T[]): T | null {
  return changes.toSorted(byStrength)[0] ?? null;
}
