import { normalQuantile } from './normal-quantile.ts';
import { chiSquareSurvival, studentTSurvival } from './special-functions.ts';
import type { ChunkDispersion, DispersionCurve } from './row-dependence.ts';

/** How many independent rows some rows count as: as many as their order shows, or all of them. */
export const ROWS = ['learned', 'independent'] as const;
export type Rows = (typeof ROWS)[number];

/** What a row is worth beside independent ones: φ rows say as much as one of those. */
export interface DesignEffect {
  /** φ ≥ 1; 1 for independent rows */
  readonly phi: number;
  /** degrees of freedom that it was learned with; Infinity where rows are taken as independent */
  readonly freedom: number;
  /**
   * `beyond`: rows resemble one another over more rows than the reference can tell, as with a season or a trend; φ
   * is then that of what varies faster, and alarms may be more frequent than promised
   */
  readonly reach: 'independent' | 'learned' | 'beyond';
}

export const INDEPENDENT: DesignEffect = { phi: 1, freedom: Infinity, reach: 'independent' };

/** Chance that independent rows are taken for dependent ones, a column. */
const DEPENDENT_LEVEL = 0.005;
/** Rows of a chunk, in φ: then those of the next chunk hardly resemble its own. */
const WINDOW = 4;
/** Times that φ may have grown since chunks half as long: with what varies slowly it grows twofold. */
const GROWTH = 1.5;
/** p below which longer chunks contradict a φ. */
const CONTRADICTION = 0.05;
/** Variance of 2φ(b) − φ(b/2) in that of φ(b), for independent rows. */
const EXTRAPOLATED = 2.5;
/** The longest chunks, fewer than 8 of them: they may contradict a φ, and are too few to tell one. */
const FEW = 1;

/**
 * The design effect of rows in chunks: Var of a mean over many rows ÷ its variance if rows were independent.
 *
 * 1 unless some chunk length shows more than chance does. Else the shortest chunks are taken that are at least 4φ(b)
 * rows long, where φ hardly grows and no longer ones contradict it, and φ = 2φ(b) − φ(b/2), which takes the bias off
 * that falls with 1/b.
 * Where φ grows with the length of chunks as far as the reference goes: of chunks as long as the file, if there are
 * eight; else by neighbouring chunks, for which slow change, a season or a trend, is no chance.
 *
 * @param curves of several scores, of which the largest φ counts
 * @param rows of the file that is compared
 * @param telling curves that may show that rows are dependent at all; absent: the same
 * @see Kish (1965), Survey Sampling, section 8.2; Rao & Scott (1981), JASA 76:221–230, for φ in tests; Sokal (1997),
 *   "Monte Carlo methods in statistical mechanics", section 3, for the window; Vats & Flegal (2022), Biometrika
 *   109:735–750, for the extrapolation.
 */
export function designEffectOf(
  curves: readonly DispersionCurve[],
  rows: number,
  telling: readonly DispersionCurve[] = curves,
): DesignEffect {
  const lengths = telling.reduce((total, { length }) => total + length, 0);
  const isDependent = telling.some((curve) =>
    curve.some((chunks) => exceeds(chunks, 1, DEPENDENT_LEVEL / lengths)),
  );
  if (!isDependent) return INDEPENDENT;
  const learned = curves.map((curve) => learnedEffect(curve, rows));
  if (learned.every((effect) => effect !== null)) return { ...largest(learned), reach: 'learned' };
  const fast = largest(curves.map(effectOfNeighbours));
  return { ...(fast.phi === 1 ? INDEPENDENT : fast), reach: 'beyond' };
}

type Learned = Pick<DesignEffect, 'phi' | 'freedom'>;

const larger = (a: Learned, b: Learned): Learned => (b.phi > a.phi ? b : a);
const largest = (effects: readonly Learned[]): Learned => effects.reduce(larger);

/** Null where φ has not levelled off, and there are too few chunks as long as the file. */
function learnedEffect(curve: DispersionCurve, rows: number): Learned | null {
  if (curve.length === 0) return INDEPENDENT;
  const others = curve.map(({ others: phi }) => phi);
  const place = levelPlace(curve, others);
  if (place !== null) return extrapolated(curve, others, place);
  const asLong = curve.slice(0, -FEW).find((chunks) => chunks.rows >= rows);
  return asLong === undefined ? null : { phi: Math.max(1, asLong.others), freedom: asLong.freedom };
}

/**
 * Of the shortest chunks that are long enough and where φ hardly grows; else the largest of all lengths of which there
 * are 16 chunks: with longer ones, slow change would count as chance.
 */
function effectOfNeighbours(curve: DispersionCurve): Learned {
  const phi = curve.map(({ neighbours }) => neighbours);
  const few = curve.slice(0, -2 * FEW);
  const place = few.findIndex((_, j) => isLevel(curve, phi, j));
  if (place >= 0) return extrapolated(curve, phi, place);
  return few.map((_, j) => extrapolated(curve, phi, j)).reduce(larger, INDEPENDENT);
}

/** Whether chunks are long enough, and φ hardly grows from those half as long. */
const isLevel = (curve: DispersionCurve, phi: readonly number[], j: number): boolean =>
  j > 0 && curve[j].rows >= WINDOW * phi[j] && phi[j] <= GROWTH * phi[j - 1];

/** The shortest chunks whose φ longer ones do not contradict, either way; null where φ has not levelled off. */
function levelPlace(curve: DispersionCurve, phi: readonly number[]): number | null {
  for (let j = 1; j < curve.length - FEW; j++) {
    if (!isLevel(curve, phi, j)) continue;
    const own = extrapolated(curve, phi, j);
    const longer = curve.slice(j + 1);
    const level = CONTRADICTION / longer.length;
    // A daily cycle differs within a day, and hardly from day to day.
    if (
      !longer.some(
        (chunks) => exceeds(chunks, own.phi, level) || fallsBelow(chunks, own.phi, level),
      )
    )
      return j;
  }
  return null;
}

function extrapolated(curve: DispersionCurve, phi: readonly number[], j: number): Learned {
  const half = j === 0 ? phi[0] : phi[j - 1];
  return {
    phi: Math.max(1, phi[j], 2 * phi[j] - half),
    freedom: Math.max(1, curve[j].freedom / EXTRAPOLATED),
  };
}

/** Whether chunks differ by more than φ allows. */
const exceeds = ({ others, freedom }: ChunkDispersion, phi: number, level: number): boolean =>
  others > phi && chiSquareSurvival((others * freedom) / phi, freedom) <= level;

/** Whether chunks differ by less than φ would make them; never where rows are worth no more by it. */
const fallsBelow = ({ others, freedom }: ChunkDispersion, phi: number, level: number): boolean =>
  phi > 1 && 1 - chiSquareSurvival((others * freedom) / phi, freedom) <= level;

/** Independent rows that so many are worth. */
export const effectiveRows = (rows: number, { phi }: DesignEffect): number =>
  phi === 1 ? rows : Math.floor(rows / phi);

/** What the normal quantile is exact to. */
const LEAST_TAIL = 1e-300;

/**
 * A p-value for a φ that was learned: what Student's t gives where z was, as F does for χ².
 * @see Thomas & Rao (1987), JASA 82:630–636.
 */
export function withLearnedSpread(
  pValue: number,
  { freedom }: Pick<DesignEffect, 'freedom'>,
): number {
  if (freedom === Infinity) return pValue;
  const z = -normalQuantile(Math.max(pValue / 2, LEAST_TAIL));
  return Math.min(1, 2 * studentTSurvival(z, freedom));
}
