import { normalQuantile } from '../../stats/normal-quantile.ts';
import type { Scored } from '../metrics/scored.ts';
import { pValuesOf, type GroupGain, type Tolerated } from './group-gain.ts';
import { discordanceOf } from './paired-gain.ts';
import { pairedDifferenceInterval, pairedDifferencePValue } from './paired-proportions.ts';

/** The gain on the rows of a mask: of the share right by Tango's score test, or of the RMSE by the delta method. */
export function measureSegment(
  name: string,
  mask: Uint8Array,
  champion: Scored,
  challenger: Scored,
  options: Tolerated,
): GroupGain {
  if (champion.kind === 'regression' && challenger.kind === 'regression') {
    return regressionSegment(name, mask, champion, challenger, options);
  }
  if (champion.kind !== 'classification' || challenger.kind !== 'classification') {
    throw new RangeError(`${champion.kind} is not comparable with ${challenger.kind}`);
  }
  const { tolerance, confidence } = options;
  const discordance = discordanceOf(champion, challenger, mask);
  const { won, lost, rows } = discordance;
  if (rows === 0) return noRows(name, 'accuracy', tolerance);
  const right = shareRight(champion, mask);
  return {
    kind: 'segment',
    name,
    rows,
    measure: 'accuracy',
    champion: right,
    challenger: right + (won - lost) / rows,
    gain: { value: (won - lost) / rows, ...pairedDifferenceInterval(discordance, confidence) },
    tolerance,
    harm: pairedDifferencePValue({ won: lost, lost: won, rows }, tolerance),
    noHarm: pairedDifferencePValue(discordance, -tolerance),
  };
}

function shareRight(
  { labels, truth }: Extract<Scored, { kind: 'classification' }>,
  mask: Uint8Array,
): number {
  let right = 0;
  let rows = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    rows++;
    if (labels[i] === truth[i]) right++;
  }
  return right / rows;
}

/** The RMSE's gain as a share of the champion's, its interval that of the logarithm of the mean squares' ratio. */
function regressionSegment(
  name: string,
  mask: Uint8Array,
  champion: Extract<Scored, { kind: 'regression' }>,
  challenger: Extract<Scored, { kind: 'regression' }>,
  { tolerance, confidence }: Tolerated,
): GroupGain {
  const before = squaredErrors(champion, mask);
  const after = squaredErrors(challenger, mask);
  const rows = before.length;
  const [meanBefore, meanAfter] = [meanOf(before), meanOf(after)];
  const head = { kind: 'segment', name, rows, measure: 'rmse', tolerance } as const;
  if (rows === 0) return noRows(name, 'rmse', tolerance);
  const scores = { champion: Math.sqrt(meanBefore), challenger: Math.sqrt(meanAfter) };
  if (meanBefore === 0 || meanAfter === 0) {
    // Without any error on one side the ratio tells nothing but the direction.
    const value = Math.sign(meanBefore - meanAfter);
    const gain = { value, low: value, high: value };
    return { ...head, ...scores, gain, harm: value < 0 ? 0 : 1, noHarm: value < 0 ? 1 : 0 };
  }
  let squares = 0;
  for (let i = 0; i < rows; i++) squares += (after[i] / meanAfter - before[i] / meanBefore) ** 2;
  const deviation = Math.sqrt(squares / Math.max(1, rows - 1) / rows);
  const logRatio = Math.log(meanAfter / meanBefore);
  const half = -normalQuantile((1 - confidence) / 2) * deviation;
  const gainAt = (log: number): number => 1 - Math.exp(log / 2);
  const gain = {
    value: gainAt(logRatio),
    low: gainAt(logRatio + half),
    high: gainAt(logRatio - half),
  };
  const tolerated = 2 * Math.log(1 + tolerance);
  return { ...head, ...scores, gain, ...pValuesOf(tolerated - logRatio, deviation) };
}

function squaredErrors(
  { truth, values }: Extract<Scored, { kind: 'regression' }>,
  mask: Uint8Array,
): Float64Array {
  return truth.map((y, i) => (y - values[i]) ** 2).filter((_, i) => mask[i] === 1);
}

function meanOf(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function noRows(name: string, measure: GroupGain['measure'], tolerance: number): GroupGain {
  const gain = { value: 0, low: 0, high: 0 };
  const nothing = { rows: 0, champion: 0, challenger: 0, gain, harm: 1, noHarm: 1 };
  return { kind: 'segment', name, measure, tolerance, ...nothing };
}
