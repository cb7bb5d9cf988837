import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { labelledRows } from '../core/models/outcomes.ts';
import { inferTask } from '../core/models/task.ts';
import type { Table } from '../core/table.ts';
import { hashFile } from '../data/hash-file.ts';
import { InvalidDatasetError } from '../data/invalid-dataset.ts';
import { readDataset } from '../data/read-dataset.ts';
import { readTableParquet, writeTableParquet } from '../data/table-parquet.ts';
import { frameToTable, tableToFrame } from '../pipelines/frame.ts';
import { loadHooks, runHook } from '../pipelines/load-hooks.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { ArtefactRef } from '../store/artefact-store.ts';
import type { ComputeActivities, Dataset, DatasetFile } from '../workflows/contract.ts';
import { datasetUri } from './dataset-uri.ts';
import type { Environment } from './environment.ts';
import { stemOfLabels, unlabelledDataset, withLabels } from './late-labels.ts';
import { requireColumns } from './required-columns.ts';
import { storedFile } from './stored-file.ts';

/**
 * Reads a dataset file, checks it, and keeps it in the store in canonical form. A file that is stored
 * already is not read again, so that its run can be repeated when the file is long gone. A file of labels for an
 * earlier file becomes that file's data with their labels.
 * @throws InvalidDatasetError naming what is wrong with the file and where
 */
export async function ingest(
  { config, file, sequence = Infinity }: Parameters<ComputeActivities['ingest']>[0],
  environment: Environment,
): Promise<Dataset> {
  const stem = stemOfLabels(file.name, config);
  const earlier =
    stem === null ? null : await unlabelledDataset(stem, config, sequence, environment);
  const uri = datasetUri(config, file.sha256, earlier?.ref);
  const { table, ref } = (await environment.store.exists(uri))
    ? await storedTable(uri, environment)
    : await readAndStore(uri, { config, file, earlier }, environment);
  requireColumns(table, config);
  const labelled =
    table.columns.some((column) => column.name === config.target) &&
    labelledRows(table, config.target).length > 0;
  const { task, reason } = labelled ? taskOf(table, config) : unlabelledTask(config);
  return {
    ref,
    sha256: file.sha256,
    fileName: file.name,
    rows: table.rows,
    columns: table.columns.length,
    labelled,
    task,
    taskReason: reason,
    ...(earlier !== null && {
      labelsFor: { fileName: earlier.fileName, sha256: earlier.sha256 },
    }),
  };
}

/** The dataset as a table, from the store. */
export function loadTable(
  ref: ArtefactRef,
  { store, recentTables }: Pick<Environment, 'store' | 'recentTables'>,
): Promise<Table> {
  return recentTables.get(ref.sha256, async () => readTableParquet(await storedFile(ref, store)));
}

async function storedTable(
  uri: string,
  environment: Environment,
): Promise<{ table: Table; ref: ArtefactRef }> {
  const ref = { uri, ...(await hashFile(await environment.store.localPath(uri))) };
  return { table: await loadTable(ref, environment), ref };
}

async function readAndStore(
  uri: string,
  {
    config,
    file,
    earlier,
  }: {
    readonly config: PipelineConfig;
    readonly file: DatasetFile;
    readonly earlier: Dataset | null;
  },
  environment: Environment,
): Promise<{ table: Table; ref: ArtefactRef }> {
  const { store, scratchFolder, recentTables } = environment;
  const raw = await readDataset(file.path, {
    format: config.files.format,
    csv: config.files.csv,
    expected: { sha256: file.sha256, bytes: file.bytes },
    scratchFolder,
  });
  // Labels belong to a file that was preprocessed when it came.
  const table =
    earlier === null
      ? await preprocessed(raw, config)
      : withLabels(await loadTable(earlier.ref, environment), raw, config);
  if (table.rows === 0) throw new InvalidDatasetError(`${file.name} has no rows`);
  const scratch = path.join(scratchFolder, `${randomUUID()}.parquet`);
  try {
    await writeTableParquet(table, scratch);
    const ref = await store.putFile(uri, scratch);
    return { table: await recentTables.get(ref.sha256, () => Promise.resolve(table)), ref };
  } finally {
    await rm(scratch, { force: true });
  }
}

async function preprocessed(table: Table, { hooks: ref }: PipelineConfig): Promise<Table> {
  if (ref === null) return table;
  const hooks = await loadHooks(ref.path);
  if (hooks.preprocess === undefined) return table;
  const frame = await runHook(hooks, 'preprocess', await tableToFrame(table));
  return frameToTable(frame, table);
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
