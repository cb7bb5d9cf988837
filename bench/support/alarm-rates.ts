import { compareSummaries, detectDrift } from '../../core/drift/detect.ts';
import { filePValue } from '../../core/drift/file-p-value.ts';
import type { DriftReport } from '../../core/drift/report.ts';
import { summariseTable } from '../../core/drift/summary/table-summary.ts';
import { createRandom, deriveSeed, type Random } from '../../core/random.ts';
import {
  afterFile,
  levelOfNextFile,
  type OnlinePromise,
  type OnlineState,
} from '../../core/stats/online/levels.ts';
import type { Table } from '../../core/table.ts';
import { pipelineSchema } from '../../pipelines/schema.ts';
import { LIMITS, NULLS, type Null } from './drift-settings.ts';
import { SHIFTS } from './drift-shifts.ts';
import { drawTable } from './samples.ts';

/** Repetitions of one setting: those from `first` up to, not with, `end`. Each has a seed of its own. */
export interface Repetitions {
  readonly setting: number;
  readonly first: number;
  readonly end: number;
}

/** Of so many repetitions. */
export interface AlarmCounts {
  /** with a column of too few rows, or whose rows are worth too few */
  readonly untested: number;
  /** with a significant change, whatever its size */
  readonly significant: number;
  readonly alarms: number;
}

/** Settings without drift: those that keep the promise, and the limits of it. */
export const WITHOUT_DRIFT: readonly Null[] = [...NULLS, ...LIMITS];

/** The defaults of a pipeline. */
export const { detection: DETECTION } = pipelineSchema.parse({
  name: 'x',
  files: { folder: 'x' },
  target: 'y',
});
const OPTIONS = { ...DETECTION, target: 'y', ignore: [] };

/** Counts repetitions of a setting of {@link WITHOUT_DRIFT}. */
export function countAlarms({ setting: index, first, end }: Repetitions): AlarmCounts {
  const setting = WITHOUT_DRIFT[index];
  if (setting === undefined) throw new RangeError(`no setting ${index}`);
  const seed = index < NULLS.length ? index : FIRST_LIMIT + index - NULLS.length;
  let [untested, significant, alarms] = [0, 0, 0];
  for (let i = first; i < end; i++) {
    const any = filesInARow(setting, createRandom(deriveSeed(seed, i)));
    if (any.untested) untested += 1;
    if (any.significant) significant += 1;
    if (any.alarm) alarms += 1;
  }
  return { untested, significant, alarms };
}

/** Counts the repetitions in which a shift is seen between n rows and n further ones. */
export function countSeen({
  setting,
  first,
  end,
  n,
}: Repetitions & { readonly n: number }): number {
  const shift = SHIFTS[setting];
  if (shift === undefined) throw new RangeError(`no shift ${setting}`);
  let seen = 0;
  for (let i = first; i < end; i++) {
    const random = createRandom(deriveSeed(FIRST_SHIFT + setting, i));
    const reference = shift.before(random, n);
    if (isAlarm(detectDrift(reference, shift.after(random, n), OPTIONS))) seen += 1;
  }
  return seen;
}

/** Seeds of limits and shifts begin here, so that a further setting leaves those of the others as they are. */
const FIRST_LIMIT = 500;
const FIRST_SHIFT = 1000;

interface Any {
  readonly untested: boolean;
  readonly significant: boolean;
  readonly alarm: boolean;
}

/** Whether any of the files of a repetition has a column that is not tested, a significant change, an alarm. */
function filesInARow(setting: Null, random: Random): Any {
  const { files = 1, over } = setting;
  const { falseAlarmRate: rate } = DETECTION;
  const promise: OnlinePromise =
    over === undefined ? { falseAlarmRate: rate, horizon: files } : { falseAlarmRate: rate, over };
  const reference = summariseTable(drawn(setting, random, setting.reference));
  let state: OnlineState | null = null;
  let untested = false;
  let significant = false;
  let alarm = false;
  for (let k = 0; k < files; k++) {
    const falseAlarmRate = levelOfNextFile(state, promise);
    const current = summariseTable(drawn(setting, random, setting.current));
    const report = compareSummaries(reference, current, { ...OPTIONS, falseAlarmRate });
    state = afterFile(state, promise, filePValue(report.filePValue, null));
    alarm ||= isAlarm(report);
    untested ||= report.columns.some(({ outcome }) => outcome.kind === 'insufficient');
    significant ||= report.score > 0;
  }
  return { untested, significant, alarm };
}

function isAlarm(report: DriftReport): boolean {
  return report.material.length > 0 || report.together?.material === true;
}

/** A table of a setting. */
export function drawn(setting: Null, random: Random, rows: number): Table {
  return setting.table?.(random, rows) ?? drawTable(setting.columns, random, rows);
}
