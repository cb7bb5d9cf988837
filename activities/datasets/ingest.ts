import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { labelledRows } from '../../core/models/metrics/outcomes.ts';
import { knownLabels } from '../../core/models/input/known-labels.ts';
import { inferTask } from '../../core/models/input/task.ts';
import type { Table } from '../../core/table.ts';
import { DatasetGoneError } from '../../data/dataset-gone.ts';
import { hashFile } from '../../data/hash-file.ts';
import { InvalidDatasetError } from '../../data/invalid-dataset.ts';
import { keptNotes } from '../../data/reading-notes.ts';
import { readDataset, type ReadOptions } from '../../data/read-dataset.ts';
import { readNotes, readTableParquet, writeTableParquet } from '../../data/table-parquet.ts';
import { frameToTable, tableToFrame } from '../../pipelines/frame.ts';
import { loadHooks, runHook } from '../../pipelines/load-hooks.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { ArtefactDamagedError, isDamage, type ArtefactRef } from '../../store/artefact-store.ts';
import type { ComputeTasks, Dataset } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import { knownTo, otherKinds, type ChampionKnows } from './champion-knows.ts';
import { datasetUri, labelsUri } from './dataset-uri.ts';
import { FROM_BACKUP, unlessDamaged } from '../damage.ts';
import type { Environment } from '../environment.ts';
import { recordedHashes } from './earlier-datasets.ts';
import {
  checkLabels,
  readable,
  stemOf,
  stemOfLabels,
  unlabelledDataset,
  withLabels,
} from './labels-of.ts';
import { requireColumns } from './required-columns.ts';
import { storedFile } from '../stored-file.ts';
import { labelsWaitingFor, type WaitingLabels } from './waiting-labels.ts';

/**
 * Reads a dataset file, checks it, and keeps it in the store in canonical form. A file that is stored
 * already is not read again, so that its run can be repeated when the file is long gone.
 *
 * A file of labels for an earlier file becomes that file's data with their labels; labels whose file has not come are
 * kept until it does, and joined to it then.
 * @throws InvalidDatasetError naming what is wrong with the file and where
 */
export async function ingest(
  { config, file, sequence = Infinity, champion }: Parameters<ComputeTasks['ingest']>[0],
  environment: Environment,
): Promise<Dataset> {
  const stem = stemOfLabels(file.name, config);
  const known = await knownTo(champion, environment);
  if (stem === null) return ingestData({ config, file, known }, environment);
  const earlier = await unlabelledDataset(stem, config, sequence, environment);
  if (earlier === null) return ingestEarlyLabels(stem, { config, file }, environment);
  const joined = await stored(datasetUri(config, file.sha256, earlier.ref), environment, async () =>
    labelled(
      await loadTable(earlier.ref, environment),
      await rawLabels({ config, file }, environment),
      config,
    ),
  );
  const { fileName, sha256 } = earlier;
  const own = await withKnownLabels(joined, { config, file, known }, environment);
  return { ...describe(own, { config, file }), labelsFor: { fileName, sha256 } };
}

/** A file, the pipeline that it came to, and what its champion knows. */
type Arrived = Pick<Parameters<ComputeTasks['ingest']>[0], 'config' | 'file'> & {
  readonly known?: ChampionKnows | null;
};

/** A table as it was read. */
type Read = Pick<StoredTable, 'table' | 'notes'>;

/** A table that is in the store. */
interface StoredTable {
  readonly table: Table;
  /** sentences on how it was read */
  readonly notes: readonly string[];
  readonly ref: ArtefactRef;
}

async function ingestData(arrived: Arrived, environment: Environment): Promise<Dataset> {
  const { config, file } = arrived;
  const asWritten = await stored(datasetUri(config, file.sha256), environment, async () =>
    preprocessed(await readRaw(arrived, environment), config, file.name),
  );
  const ofKinds = await withKnownKinds(asWritten, arrived, environment);
  const read = await withKnownLabels(ofKinds, arrived, environment);
  const dataset = describe(read, arrived);
  if (dataset.labelled || config.labels === undefined) return dataset;
  const stem = stemOf(file.name);
  try {
    const waiting = await labelsWaitingFor(stem, file.sha256, config.name, environment);
    if (waiting === null) return dataset;
    const uri = datasetUri(config, file.sha256, waiting.ref);
    return await withWaiting(waiting, uri, read, arrived, environment);
  } catch (error) {
    // The file is not to blame for labels that are of others, or that are damaged.
    if (isDamage(error)) {
      const { message } = error;
      const unfit = `what the store has of them is damaged: ${message}. ${FROM_BACKUP}, and run the file of labels again`;
      return { ...dataset, labelsUnfit: unfit };
    }
    throw error;
  }
}

/** The file with the labels that waited for it, or without them where they do not fit. */
async function withWaiting(
  waiting: WaitingLabels,
  uri: string,
  read: StoredTable,
  arrived: Arrived,
  environment: Environment,
): Promise<Dataset> {
  try {
    const joined = await stored(uri, environment, async () =>
      labelled(read.table, await storedTable(waiting.ref.uri, environment), arrived.config),
    );
    const own = await withKnownLabels(joined, arrived, environment);
    return { ...describe(own, arrived), labelsFrom: waiting.by };
  } catch (error) {
    if (!(error instanceof InvalidDatasetError)) throw error;
    const unfit = `${waiting.by.fileName}: ${error.message}`;
    return { ...describe(read, arrived), labelsUnfit: unfit };
  }
}

async function ingestEarlyLabels(
  waitsFor: string,
  { config, file }: Arrived,
  environment: Environment,
): Promise<Dataset> {
  const kept = await stored(labelsUri(config, file.sha256), environment, async () => {
    const labels = await readRaw({ config, file }, environment);
    checkLabels(labels.table, config);
    return labels;
  });
  return {
    ...shapeOf(kept, file),
    labelled: false,
    task: null,
    taskReason: 'the file holds labels alone',
    waitsFor,
  };
}

/** Labels that had waited are in the store, and their file may be gone. */
async function rawLabels({ config, file }: Arrived, environment: Environment): Promise<Read> {
  const uri = labelsUri(config, file.sha256);
  const read = (): Promise<Read> => readRaw({ config, file }, environment);
  if (!(await environment.store.exists(uri))) return read();
  const done = 'The labels were read from their file';
  const kept = await unlessDamaged(environment, { uri, done }, () => storedTable(uri, environment));
  return kept ?? read();
}

function describe(kept: StoredTable, { config, file }: Arrived): Dataset {
  const { table } = kept;
  requireColumns(table, config);
  const labelled =
    table.columns.some((column) => column.name === config.target) &&
    labelledRows(table, config.target).length > 0;
  const { task, reason } = labelled ? taskOf(table, config) : unlabelledTask(config);
  return {
    ...shapeOf(kept, file),
    labelled,
    task,
    taskReason: reason,
  };
}

function shapeOf(
  { table, ref, notes }: StoredTable,
  file: Arrived['file'],
): Pick<Dataset, 'ref' | 'sha256' | 'fileName' | 'rows' | 'columns' | 'notes'> {
  return {
    ref,
    sha256: file.sha256,
    fileName: file.name,
    rows: table.rows,
    columns: table.columns.length,
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** The dataset as a table, from the store. */
export function loadTable(
  ref: ArtefactRef,
  { store, recentTables }: Pick<Environment, 'store' | 'recentTables'>,
): Promise<Table> {
  return recentTables.get(ref.sha256, async () => readTableParquet(await storedFile(ref, store)));
}

/** The table that is stored under `uri`, or that `make` makes for it, where there is none or it is damaged. */
async function stored(
  uri: string,
  environment: Environment,
  make: () => Promise<Read>,
): Promise<StoredTable> {
  const { store, scratchFolder, recentTables } = environment;
  if (await store.exists(uri)) {
    const done = 'It was made anew of its file';
    const found = await unlessDamaged(environment, { uri, done }, () =>
      storedTable(uri, environment),
    );
    if (found !== null) return found;
  }
  const { table, notes } = await make();
  // What is there is damaged.
  if (await store.exists(uri)) await store.setAside(uri);
  const scratch = path.join(scratchFolder, `${randomUUID()}.parquet`);
  try {
    await writeTableParquet(table, scratch, notes);
    const ref = await store.putFile(uri, scratch);
    const kept = await recentTables.get(ref.sha256, () => Promise.resolve(table));
    return { table: kept, notes, ref };
  } finally {
    await rm(scratch, { force: true });
  }
}

/** @throws ArtefactDamagedError if it is not what the run that stored it recorded, or cannot be read */
async function storedTable(uri: string, environment: Environment): Promise<StoredTable> {
  const { store } = environment;
  const file = await store.localPath(uri);
  const ref = { uri, ...(await hashFile(file)) };
  const recorded = await recordedHashes(uri, store);
  if (recorded.length > 0 && !recorded.includes(ref.sha256)) {
    throw new ArtefactDamagedError(
      `${uri} has the sha256 ${ref.sha256}, not ${recorded.join(' or ')}: it was changed after it was stored`,
    );
  }
  try {
    const table = await loadTable(ref, environment);
    return { table, notes: await readNotes(file), ref };
  } catch (error) {
    if (recorded.length > 0 || isDamage(error)) throw error;
    throw new ArtefactDamagedError(`${uri} cannot be read: ${String(error)}`, { cause: error });
  }
}

/**
 * The same file with the columns that the champion knows as another kind read as that kind, where they can be; a repeated run
 * whose file is gone has it as it was stored.
 */
async function withKnownKinds(
  read: StoredTable,
  arrived: Arrived,
  environment: Environment,
): Promise<StoredTable> {
  const { config, file, known } = arrived;
  const kinds = known === undefined || known === null ? {} : otherKinds(read.table, known);
  if (Object.keys(kinds).length === 0) return read;
  try {
    return await stored(variantOf(read, kinds), environment, async () =>
      preprocessed(await readRaw(arrived, environment, kinds), config, file.name),
    );
  } catch (error) {
    if (!(error instanceof DatasetGoneError)) throw error;
    return read;
  }
}

/** The same data with labels that the champion knows in another form in that form. */
async function withKnownLabels(
  read: StoredTable,
  { config, known }: Arrived,
  environment: Environment,
): Promise<StoredTable> {
  const { table, notes } = read;
  const { target } = config;
  if (known === undefined || known === null || !table.columns.some(({ name }) => name === target))
    return read;
  const labels = readable(() => knownLabels(table, target, known.classes));
  if (labels === null) return read;
  const columns = table.columns.map((column) => (column.name === target ? labels.column : column));
  return stored(variantOf(read, known.classes), environment, () =>
    Promise.resolve({
      table: { ...table, columns },
      notes: [...notes, ...keptNotes([labels.note])],
    }),
  );
}

/** Where the same data are, read in view of something. */
const variantOf = ({ ref }: StoredTable, seen: unknown): string =>
  ref.uri.replace(/\.parquet$/, `.${digestOf(seen)}.parquet`);

async function readRaw(
  { config, file }: Arrived,
  { scratchFolder }: Environment,
  known?: ReadOptions['known'],
): Promise<Read> {
  const { notes, ...table } = await readDataset(file.path, {
    format: config.files.format,
    csv: config.files.csv,
    columns: kindsOfColumns(config),
    known,
    followSymlinks: config.files.followSymlinks,
    expected: { sha256: file.sha256, bytes: file.bytes },
    scratchFolder,
  });
  return { table, notes: keptNotes(notes) };
}

/** Keys are compared by their exact text, unless the pipeline says what kind they are. */
function kindsOfColumns({ columns, labels }: PipelineConfig): PipelineConfig['columns'] {
  return labels === undefined ? columns : { [labels.key]: { kind: 'text' }, ...columns };
}

function labelled(table: Table, labels: Read, config: PipelineConfig): Read {
  return { table: withLabels(table, labels.table, config), notes: labels.notes };
}

/** @throws InvalidDatasetError if no row is left */
async function preprocessed(
  { table: raw, notes }: Read,
  { hooks: ref }: PipelineConfig,
  name: string,
): Promise<Read> {
  const hooks = ref === null ? null : await loadHooks(ref.path);
  const table =
    hooks?.preprocess === undefined
      ? raw
      : frameToTable(await runHook(hooks, 'preprocess', await tableToFrame(raw)), raw);
  if (table.rows === 0) throw new InvalidDatasetError(`${name} has no rows`);
  return { table, notes };
}

function taskOf(table: Table, config: PipelineConfig): TaskFound {
  try {
    return inferTask(table, config.target, config.task);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidDatasetError(error.message, { cause: error });
  }
}

function unlabelledTask(config: PipelineConfig): TaskFound {
  const reason = `the file has no value in the target column '${config.target}'`;
  return { task: config.task ?? null, reason };
}

interface TaskFound {
  readonly task: Dataset['task'];
  readonly reason: string;
}
