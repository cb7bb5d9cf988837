import { holm } from '../../stats/corrections.ts';
import type { GroupComparison } from '../metrics/evaluation.ts';
import type { Scored } from '../metrics/scored.ts';
import { measureClasses } from './class-gain.ts';
import { measureSegment } from './segment-gain.ts';

/** Fewer rows of a group than this say nothing of it. */
export const GROUP_MIN_ROWS = 30;

/** Groups shown with a comparison: it travels through workflows and has to stay small. */
const MAX_GROUPS = 20;

export interface NoHarmOptions {
  /** the largest loss that does not count, in the groups' own measures */
  readonly tolerance: number;
  /** two-sided, in (0, 1) */
  readonly confidence: number;
  /** rows that a person named: 1 or 0 a row */
  readonly segments: readonly { readonly name: string; readonly mask: Uint8Array }[];
  /** names of the classes; empty for regression */
  readonly classes: readonly string[];
}

/**
 * Does the challenger harm a class, or a segment that a person named?
 *
 * Measured are: of a class its F1, which a mere shift between classes does not change as it changes recall; of a segment
 * the share right, or for regression the RMSE, whose gain is a share of the champion's. A group is
 *
 * - `harmed` if it is shown to lose more than the tolerance: Holm's correction over all groups, at the level
 *   (1 − confidence) ÷ 2;
 * - `unharmed` if it is shown to lose less: each group at that level by itself, as a challenger passes only if all
 *   of the segments do, which needs no correction (intersection–union test);
 * - `too few` with fewer than 30 rows, `unclear` otherwise.
 *
 * F1 and RMSE by the delta method, shares by Tango's score test.
 * @returns the segments, then the classes with the worst first; 20 groups at most, none of the harmed left out
 * @see Berger (1982), Technometrics 24:295–300 (intersection–union tests)
 */
export function groupsOf(
  champion: Scored,
  challenger: Scored,
  options: NoHarmOptions,
): readonly GroupComparison[] {
  const segments = options.segments.map(({ name, mask }) =>
    measureSegment(name, mask, champion, challenger, options),
  );
  const classes =
    champion.kind === 'classification' && challenger.kind === 'classification'
      ? measureClasses(champion, challenger, options.classes, options)
      : [];
  const measured = [...segments, ...classes];
  const enough = measured.filter(({ rows }) => rows >= GROUP_MIN_ROWS);
  const corrected = holm(enough.map(({ harm }) => harm));
  const level = (1 - options.confidence) / 2;
  const groups = measured.map(({ harm: _, noHarm, ...group }): GroupComparison => {
    const at = enough.findIndex(({ kind, name }) => kind === group.kind && name === group.name);
    if (at < 0) return { ...group, pValue: 1, verdict: 'too few' };
    const pValue = corrected[at];
    const verdict = pValue <= level ? 'harmed' : noHarm <= level ? 'unharmed' : 'unclear';
    return { ...group, pValue, verdict };
  });
  const ofClasses = groups
    .slice(segments.length)
    .sort((a, b) => a.pValue - b.pValue || a.gain.value - b.gain.value);
  return [...groups.slice(0, segments.length), ...ofClasses].slice(0, MAX_GROUPS);
}
