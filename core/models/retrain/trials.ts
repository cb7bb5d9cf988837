import { takeRows } from '../../table.ts';
import type { Table } from '../../table.ts';
import { labelledRows } from '../metrics/outcomes.ts';
import { splitHoldout } from '../input/split.ts';
import type { SplitOptions } from '../input/split.ts';
import type { DataSources } from './data.ts';

/** Of the newest file, the share that the last trial is scored on. */
const SCORED_SHARE = 1 / 3;

/** One trial of the modes: as if `newFile` had just arrived, and `next` came after it. */
export interface Trial {
  /** as `assembleData` takes it */
  readonly newFile: DataSources['newFile'];
  /** the files before it, the oldest first */
  readonly earlier: readonly Table[];
  /** the rows that each mode's model is scored on, all of them labelled */
  readonly next: Table;
}

/**
 * The trials in which `auto` finds out which mode to use: test-then-train over the newest files.
 *
 * Each file but the last is learned from and the one after it scored on, as a model meets the file after the one it
 * was trained on; of the last file, which is what made a retraining due, two thirds are learned from and the rest is
 * scored on (the newest, where a time column orders rows).
 *
 * @param earlier files that the champion may know, the oldest first: they are learned from, never scored on
 * @param unknown files that the champion was not trained on, the oldest first, the last one without the rows that
 *   the gate will compare on
 * @see Dawid (1984), J. R. Stat. Soc. A 147:278–292, for the prequential principle
 */
export function planTrials(
  earlier: readonly Table[],
  unknown: readonly DataSources['newFile'][],
  options: Pick<SplitOptions, 'target' | 'task' | 'timeColumn' | 'seed'>,
): readonly Trial[] {
  const { target } = options;
  const trials: Trial[] = [];
  unknown.forEach((file, f) => {
    const before = [...earlier, ...unknown.slice(0, f).map(labelledPart)];
    if (f < unknown.length - 1) {
      trials.push({ newFile: file, earlier: before, next: labelledPart(unknown[f + 1]) });
      return;
    }
    const table = labelledPart(file);
    const split = splitHoldout(table, { ...options, share: SCORED_SHARE });
    if (split.kind === 'insufficient') return;
    const { train, holdout } = split;
    trials.push({ newFile: { table, train }, earlier: before, next: takeRows(table, holdout) });
  });
  return trials.filter(({ next }) => labelledRows(next, target).length > 0);
}

function labelledPart({ table, train }: DataSources['newFile']): Table {
  return takeRows(table, train);
}
