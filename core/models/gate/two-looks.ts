import { largerLossPValue, measureLoss } from '../metrics/loss.ts';
import type { Scored } from '../metrics/scored.ts';

/** The part of the chance of an error that the first look may spend. */
const FIRST_LOOK = 0.04;

/** Confidences of two looks at a challenger, so that both together promote an equal one no likelier than one look would. */
export interface TwoLooks {
  /** at the held-out rows of its own file alone: beyond doubt */
  readonly ownFile: number;
  /** at these together with the rows of the file before */
  readonly both: number;
}

/**
 * Divides the chance of an error between two looks (Bonferroni): a 25th for the first one, the rest for the second.
 *
 * A challenger is trained because the champion did badly on a file, and some of that is chance: on the rows of this
 * very file the champion is likelier to lose than on others. So a gain that is shown there by a little has to hold
 * with the file before as well, which nobody picked. A gain beyond doubt is a world that turned, and does not wait.
 * @param confidence of one look, two-sided, in (0, 1)
 */
export function twoLooks(confidence: number): TwoLooks {
  const error = 1 - confidence;
  return { ownFile: 1 - error * FIRST_LOOK, both: 1 - error * (1 - FIRST_LOOK) };
}

/** A champion does this much worse by chance, from one file to the next, once in a million files. */
const TURNED = 1e-6;

/**
 * Did the world turn between two files, as far as the champion tells? Then the earlier one says nothing of the later:
 * a challenger for the world of the one is rightly worse in that of the other, and there is one look.
 *
 * The level is that far from an alarm's because a neighbouring file is of much the same days: where the champion does
 * somewhat worse from one to the next, both together are still the better sample of what comes.
 * @param current the champion on the rows of the file that are new to it
 * @param before the champion on those of the file before
 */
export function worldTurned(current: Scored, before: Scored): boolean {
  return largerLossPValue(measureLoss(current), measureLoss(before)) <= TURNED;
}
