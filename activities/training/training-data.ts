import {
  assembleData,
  windowIsFull,
  type DataSources,
  type RetrainingData,
} from '../../core/models/retrain/data.ts';
import { dataNeedOf, type RetrainMode, type Window } from '../../core/models/retrain/modes.ts';
import type { Task } from '../../core/models/model.ts';
import { inferTask } from '../../core/models/input/task.ts';
import type { Table } from '../../core/table.ts';
import { dataOptionsOf } from '../../pipelines/retrain-schema.ts';
import { fileOfRows, type ComputeTasks, type Dataset } from '../../workflows/contract.ts';
import { earlierLabelled } from '../datasets/earlier-datasets.ts';
import { FROM_BACKUP, unlessDamaged } from '../damage.ts';
import { InvalidPipelineError, NotEnoughDataError, type Environment } from '../environment.ts';
import { splitRows } from '../models/holdout.ts';
import { loadTable } from '../datasets/ingest.ts';
import { requireFileMemory } from './memory.ts';
import { reservoirOf, reservoirRows, type StoredReservoir } from './lineage-reservoir.ts';
import { storedFile } from '../stored-file.ts';
import { requireSegments } from '../datasets/segments.ts';

export type TrainInput = Parameters<ComputeTasks['train']>[0];

/** The data beside the new file that a training reads: found once, so that all its tasks read the same. */
export interface Sources {
  /** labelled datasets, the oldest first */
  readonly earlier: readonly Dataset[];
  readonly reservoir: StoredReservoir | null;
}

/** The new file, shared out between training and comparing. */
export interface NewFile {
  readonly table: Table;
  readonly task: Task;
  readonly train: Int32Array;
  readonly holdout: Int32Array;
}

/** @throws NotEnoughDataError, InvalidPipelineError where the gate would not find its segments in the file */
export async function newFileOf(input: TrainInput, environment: Environment): Promise<NewFile> {
  const table = await loadTable(input.dataset.ref, environment);
  requireSegments(table, input.dataset.fileName, input.config);
  const task = taskOf(table, input);
  return { table, task, ...splitRows(table, input.config, task) };
}

/** Finds what a mode reads beside the new file. */
export async function findSources(
  mode: RetrainMode,
  input: TrainInput,
  file: NewFile,
  environment: Environment,
): Promise<Sources> {
  const { config, parent } = input;
  const need = dataNeedOf(mode, dataOptionsOf(config.retrain));
  switch (need.kind) {
    case 'new file':
      return NONE;
    case 'earlier files': {
      const newest = await newestLabelled(need.count, input, environment);
      return { ...NONE, earlier: (await soundOnes(newest, environment)).toReversed() };
    }
    case 'window': {
      const newest = await labelledBefore(input, environment);
      const sound = createSoundness(environment);
      // Twice as many each time, so that looking costs no more than what is found.
      for (let count = fewestFor(need.window, newest, file); ; count *= 2) {
        const earlier = (await sound(newest.slice(0, count))).toReversed();
        const sources = await sourcesOf({ ...NONE, earlier }, input, file, environment);
        const isFull = (): boolean => windowIsFull(need.window, sources);
        if (count >= newest.length || whatPipelineSays(isFull)) {
          return { ...NONE, earlier };
        }
      }
    }
    case 'reservoir':
      return {
        ...NONE,
        reservoir: parent === null ? null : await reservoirOf(parent, config, environment),
      };
  }
}

/** As many files as a window needs if all their rows have outcomes. */
function fewestFor(window: Window, newest: readonly Dataset[], { train }: NewFile): number {
  if (window.kind === 'time') return 1;
  let rows = train.length;
  const last = newest.findIndex((dataset) => (rows += dataset.rows) >= window.rows);
  return last < 0 ? Math.max(1, newest.length) : last + 1;
}

/**
 * Brings together what a mode learns from.
 * @throws NotEnoughDataError if these are too few rows
 */
export async function trainingData(
  mode: RetrainMode,
  found: Sources,
  input: TrainInput,
  file: NewFile,
  environment: Environment,
): Promise<RetrainingData> {
  const { retrain } = input.config;
  const sources = await sourcesOf(found, input, file, environment);
  const need = dataNeedOf(mode, dataOptionsOf(retrain));
  const data = whatPipelineSays(() => assembleData(need, sources));
  if (data.learn.length >= retrain.minRows) return data;
  throw new NotEnoughDataError(
    `${input.dataset.fileName} leaves ${data.learn.length} rows to train on, the pipeline asks for at least ${retrain.minRows} (retrain.minRows)`,
  );
}

/**
 * What core says of files that do not have what the pipeline asks for: an earlier one may lack times, or weights.
 * @throws InvalidPipelineError
 */
function whatPipelineSays<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidPipelineError(error.message, { cause: error });
  }
}

const NONE: Sources = { earlier: [], reservoir: null };

/**
 * The labelled datasets of the pipeline before a run, newest first; none where the run's position is not known. Rows
 * whose labels came more than once are there with the newest ones, and the run's own rows not at all.
 */
export async function labelledBefore(
  { config, dataset, sequence }: TrainInput,
  environment: Environment,
): Promise<readonly Dataset[]> {
  if (sequence === undefined) return [];
  const { datasets } = await earlierLabelled(config, sequence, environment);
  return rowsOnce(datasets, dataset);
}

/** The newest `count` of `labelledBefore`, of a long history without reading all of it. */
async function newestLabelled(
  count: number,
  { config, dataset, sequence }: TrainInput,
  environment: Environment,
): Promise<readonly Dataset[]> {
  if (sequence === undefined) return [];
  for (let most = count; ; most *= 2) {
    const { datasets, isAll } = await earlierLabelled(config, sequence, environment, most);
    const newest = rowsOnce(datasets, dataset);
    if (isAll || newest.length >= count) return newest.slice(0, count);
  }
}

/** Those of some datasets whose data are as they were stored; of the others it is told that nothing was learned from them. */
export async function soundOnes(
  datasets: readonly Dataset[],
  environment: Environment,
): Promise<readonly Dataset[]> {
  return createSoundness(environment)(datasets);
}

/** The same, looking at each dataset once, however often it is asked for. */
function createSoundness(
  environment: Environment,
): (datasets: readonly Dataset[]) => Promise<readonly Dataset[]> {
  const known = new Map<Dataset, boolean>();
  return async (datasets) => {
    for (const dataset of datasets) {
      if (known.has(dataset)) continue;
      const { ref, fileName } = dataset;
      const done = `The training left out the data of ${fileName}. ${FROM_BACKUP}, or run ${fileName} again`;
      const file = await unlessDamaged(environment, { uri: ref.uri, done }, () =>
        storedFile(ref, environment.store),
      );
      known.set(dataset, file !== null);
    }
    return datasets.filter((dataset) => known.get(dataset) === true);
  };
}

function rowsOnce(newestFirst: readonly Dataset[], own: Dataset): readonly Dataset[] {
  const seen = new Set([fileOfRows(own)]);
  return newestFirst.filter((each) => {
    const rows = fileOfRows(each);
    return !seen.has(rows) && seen.add(rows);
  });
}

async function sourcesOf(
  { earlier, reservoir }: Sources,
  { config }: TrainInput,
  { table, train }: NewFile,
  environment: Environment,
): Promise<DataSources> {
  requireFileMemory(earlier, table, environment.fitMemory);
  const tables: Table[] = [];
  for (const { ref } of earlier) tables.push(await loadTable(ref, environment));
  return {
    target: config.target,
    timeColumn: config.timeColumn,
    weightColumn: config.weightColumn,
    newFile: { table, train },
    earlier: tables,
    reservoir: reservoir === null ? null : await reservoirRows(reservoir, environment),
    seed: config.seed,
  };
}

/** A challenger predicts what the champion does; the first model finds out from the data. */
function taskOf(table: Table, { config, parent }: TrainInput): Task {
  if (parent !== null) return parent.task;
  try {
    return inferTask(table, config.target, config.task).task;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NotEnoughDataError(error.message, { cause: error });
  }
}
