import { betaRegularised, normalSurvival } from '../../stats/special-functions.ts';
import { normalQuantile } from '../../stats/normal-quantile.ts';

/** Two classifiers on the same rows, as far as they differ. */
export interface Discordance {
  /** rows on which only the challenger is right */
  readonly won: number;
  /** rows on which only the champion is right */
  readonly lost: number;
  /** all rows */
  readonly rows: number;
}

/** Halvings of [−1, 1] after which the limits of an interval are as exact as double precision. */
const HALVINGS = 60;

/**
 * McNemar's test in its exact mid-p form, one-sided: could a challenger that is no better have won so many?
 *
 * Given the won + lost = m rows on which the two differ, the won ones are Bin(m, ½) if both are equally good:
 * P(X > won) + ½ P(X = won). It keeps its level closely, for few discordant rows too, where the asymptotic test
 * is too liberal and the exact one too cautious.
 * @returns in [0, 1]; ½ if the two never differ
 * @see Fagerland, Lydersen & Laake (2013), BMC Med. Res. Methodol. 13:91, eq. for the mid-p test
 */
export function mcnemarMidP({ won, lost }: Discordance): number {
  return (atLeast(won, won + lost) + atLeast(won + 1, won + lost)) / 2;
}

/**
 * Score test of a difference of paired shares, one-sided: is (won − lost) ÷ rows larger than `difference`?
 *
 * T = (won − lost − nδ) ÷ √(n(2q + δ(1 − δ))) with q the likeliest share of lost rows if the difference is δ.
 * At δ = 0 it is the asymptotic McNemar test.
 * @param difference δ in (−1, 1)
 * @returns P(Z > T)
 * @see Tango (1998), Stat. Med. 17:891–908, eq. 9–11
 */
export function pairedDifferencePValue(discordance: Discordance, difference: number): number {
  return normalSurvival(tangoStatistic(discordance, difference));
}

/**
 * Tango's score interval of the difference of paired shares, (won − lost) ÷ rows. It has a width also where the
 * two never differ.
 * @param confidence two-sided, in (0, 1)
 */
export function pairedDifferenceInterval(
  discordance: Discordance,
  confidence: number,
): { readonly low: number; readonly high: number } {
  const z = -normalQuantile((1 - confidence) / 2);
  return { low: whereStatisticIs(discordance, z), high: whereStatisticIs(discordance, -z) };
}

/** P(X ≥ k) for X ~ Bin(m, ½). */
function atLeast(k: number, m: number): number {
  if (k <= 0) return 1;
  return k > m ? 0 : betaRegularised(k, m - k + 1, 0.5, 0.5);
}

function tangoStatistic({ won, lost, rows: n }: Discordance, difference: number): number {
  const b = -won - lost + (2 * n - won + lost) * difference;
  const c = -lost * difference * (1 - difference);
  const root = Math.sqrt(Math.max(0, b * b - 8 * n * c));
  // The same root of 2n·q² + b·q + c, without subtracting what is nearly equal.
  const q = b > 0 ? (-2 * c) / (root + b) : (root - b) / (4 * n);
  const variance = n * (2 * Math.max(0, q) + difference * (1 - difference));
  const distance = won - lost - n * difference;
  if (variance > 0) return distance / Math.sqrt(variance);
  return distance === 0 ? 0 : distance * Infinity;
}

/** The statistic falls as the difference grows. */
function whereStatisticIs(discordance: Discordance, z: number): number {
  let low = -1;
  let high = 1;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (tangoStatistic(discordance, middle) > z) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
