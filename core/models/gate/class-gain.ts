import { normalQuantile } from '../../stats/normal-quantile.ts';
import type { Scored } from '../metrics/scored.ts';
import { pValuesOf, type GroupGain, type Tolerated } from './group-gain.ts';

type Classified = Extract<Scored, { kind: 'classification' }>;

/** Bits of a row's place with regard to a class: it is of it, the champion says so, the challenger says so. */
const MEMBER = 1;
const BY_CHAMPION = 2;
const BY_CHALLENGER = 4;
const PLACES = 8;

/**
 * The gain in F1 of every class that occurs, by the delta method: F1 = 2h ÷ (t + p) of h hits, t rows of the class
 * and p rows given it moves with a row by (2·hit − F1·(member + given)) ÷ (t + p), and the variance of the gain is
 * the sum of the squared differences of that between the models.
 * @param classes their names
 */
export function measureClasses(
  champion: Classified,
  challenger: Classified,
  classes: readonly string[],
  tolerated: Tolerated,
): GroupGain[] {
  const counts = countPlaces(champion, challenger);
  const gains: GroupGain[] = [];
  classes.forEach((name, k) => {
    const own = counts.subarray(PLACES * k, PLACES * (k + 1));
    const rows = sumWhere(own, MEMBER);
    if (rows > 0) gains.push(classGain(name, rows, own, tolerated));
  });
  return gains;
}

function classGain(
  name: string,
  rows: number,
  counts: Float64Array,
  { tolerance, confidence }: Tolerated,
): GroupGain {
  const [before, after] = [f1Of(counts, BY_CHAMPION), f1Of(counts, BY_CHALLENGER)];
  let variance = 0;
  for (let place = 0; place < PLACES; place++) {
    const moved = moveOf(place, BY_CHALLENGER, after) - moveOf(place, BY_CHAMPION, before);
    variance += counts[place] * moved * moved;
  }
  const deviation = Math.sqrt(variance);
  const value = after.f1 - before.f1;
  const half = -normalQuantile((1 - confidence) / 2) * deviation;
  return {
    kind: 'class',
    name,
    rows,
    measure: 'f1',
    champion: before.f1,
    challenger: after.f1,
    gain: { value, low: Math.max(-1, value - half), high: Math.min(1, value + half) },
    tolerance,
    ...pValuesOf(value + tolerance, deviation),
  };
}

/** Rows in each place of each class. */
function countPlaces(champion: Classified, challenger: Classified): Float64Array {
  const counts = new Float64Array(PLACES * champion.classes);
  for (let i = 0; i < champion.rows; i++) {
    const truth = champion.truth[i];
    const before = champion.labels[i];
    const after = challenger.labels[i];
    const placeIn = (k: number): number =>
      (truth === k ? MEMBER : 0) +
      (before === k ? BY_CHAMPION : 0) +
      (after === k ? BY_CHALLENGER : 0);
    if (truth >= 0) counts[PLACES * truth + placeIn(truth)]++;
    if (before !== truth) counts[PLACES * before + placeIn(before)]++;
    if (after !== truth && after !== before) counts[PLACES * after + placeIn(after)]++;
  }
  return counts;
}

interface ClassScore {
  readonly f1: number;
  /** rows of the class plus rows given it */
  readonly total: number;
}

function f1Of(counts: Float64Array, given: number): ClassScore {
  const total = sumWhere(counts, MEMBER) + sumWhere(counts, given);
  return { f1: (2 * sumWhere(counts, MEMBER | given)) / total, total };
}

function moveOf(place: number, given: number, { f1, total }: ClassScore): number {
  const member = (place & MEMBER) === 0 ? 0 : 1;
  const isGiven = (place & given) === 0 ? 0 : 1;
  return (2 * member * isGiven - f1 * (member + isGiven)) / total;
}

function sumWhere(counts: Float64Array, bits: number): number {
  let sum = 0;
  for (let place = 0; place < PLACES; place++) {
    if ((place & bits) === bits) sum += counts[place];
  }
  return sum;
}
