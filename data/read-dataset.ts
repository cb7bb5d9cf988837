import { mkdtemp, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withInfrastructureErrors } from '../core/infrastructure-error.ts';
import { summariseTable, type TableSummary } from '../core/drift/summary/table-summary.ts';
import type { Table } from '../core/table.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { ReadTable, UseDataset } from './column-source.ts';
import { formOf } from './dataset-format.ts';
import type { DatasetFormat } from './dataset-format.ts';
import type { TextEncoding } from './decode-text.ts';
import { threadsFor, withDatabase, type DatabaseOptions } from './duckdb.ts';
import { asInvalidDataset } from './duckdb-error.ts';
import { fetchTable } from './fetch-table.ts';
import type { FileIdentity } from './hash-file.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { missingTexts } from './missing-texts.ts';
import { readArff } from './read-arff.ts';
import { withDelimited } from './read-delimited.ts';
import { withJson } from './read-json.ts';
import { DEFAULT_READ_LIMITS } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import { withParquet } from './read-parquet.ts';
import { NO_COPY, takeSnapshot } from './snapshot.ts';
import { summariseColumns } from './summarise-columns.ts';
import type { TextSettings } from './text-columns.ts';
import { MAX_WORKBOOK_BYTES, workbookToCsv } from './workbook.ts';

/** How to read a dataset file: the parts of a pipeline's `files` that matter for it, and bounds. */
export interface ReadOptions {
  readonly format: PipelineConfig['files']['format'];
  readonly csv: PipelineConfig['files']['csv'];
  /** kinds of columns that pipeline.yaml declares, by name */
  readonly columns?: PipelineConfig['columns'] | undefined;
  /** kinds of the champion's features, by name */
  readonly known?: Readonly<Record<string, 'numeric' | 'categorical'>> | undefined;
  /** what the file is supposed to hold: anything else is refused */
  readonly expected?: FileIdentity | undefined;
  /** whether the file that a symbolic link leads to is read; absent: links are refused */
  readonly followSymlinks?: boolean | undefined;
  /** an existing folder for the working files of this read; the system's temporary folder when absent */
  readonly scratchFolder?: string | undefined;
  readonly limits?: Partial<ReadLimits> | undefined;
  /** threads of the database that reads it; absent: 2, or 1 for a small file */
  readonly databaseThreads?: DatabaseOptions['threads'];
}

/**
 * Reads a dataset file into a table.
 *
 * The file is copied first, and the copy is read: so what was read is what was hashed. Nothing in a file is
 * ever executed or looked up elsewhere, and what it may take of memory and disk is bounded by `limits`.
 * Texts become columns by the rule in `kind-of-texts.ts`, whatever the format.
 * @param file any path; its extension says the format when `format` is 'auto'
 * @throws DatasetGoneError if the file is not there any more, or no longer what was expected
 * @throws InvalidDatasetError if the file cannot be used as it is, saying why, where and what would be right
 * @throws InfrastructureError if its folder is not there, it may not be read, or there is no room to work in
 */
export function readDataset(file: string, options: ReadOptions): Promise<ReadTable> {
  return withDataset(file, options, {
    ofSource: async (connection, source) => ({
      ...(await fetchTable(connection, source.from, source)),
      notes: source.notes ?? [],
    }),
    ofTable: (table) => table,
  });
}

/**
 * Summarises a dataset file as `readDataset` would read it, without ever holding its table, if its format allows:
 * workbooks and ARFF files are read whole.
 * @throws InvalidDatasetError as `readDataset`
 */
export function summariseDataset(file: string, options: ReadOptions): Promise<TableSummary> {
  return withDataset(file, options, { ofSource: summariseColumns, ofTable: summariseTable });
}

async function withDataset<
  T extends Pick<Table, 'rows'> & { readonly columns: readonly unknown[] },
>(file: string, options: ReadOptions, use: UseDataset<T>): Promise<T> {
  const { format, compression } = formOf(path.basename(file), options.format);
  const limits = { ...DEFAULT_READ_LIMITS, ...options.limits };
  const scratchFolder = options.scratchFolder ?? tmpdir();
  const scratch = await withInfrastructureErrors(NO_COPY, () =>
    mkdtemp(path.join(scratchFolder, 'calmops-read-')),
  );
  const snapshot = path.join(scratch, 'dataset');
  try {
    await takeSnapshot(file, snapshot, {
      compression,
      encoding: encodingOf(format, options.csv.encoding),
      hasShortLines: ['csv', 'tsv', 'txt', 'arff'].includes(format),
      maxBytes: format === 'xlsx' ? Math.min(limits.maxBytes, MAX_WORKBOOK_BYTES) : limits.maxBytes,
      expected: options.expected,
      followSymlinks: options.followSymlinks,
    });
    const { csv } = options;
    const threads = options.databaseThreads ?? threadsFor((await stat(snapshot)).size);
    const database = { folder: scratchFolder, threads };
    const reading = { format, csv, texts: textSettingsOf(options), limits, database };
    const result = await withSnapshot(snapshot, reading, use);
    if (result.rows > 0) return result;
    throw new InvalidDatasetError(
      `the file has ${result.columns.length} columns and no rows; expected at least one row of data`,
    );
  } finally {
    await removeScratch(scratch, snapshot);
  }
}

/** Whatever is left of a read. Mostly it is the snapshot alone, which is removed in two steps instead of seven. */
async function removeScratch(folder: string, snapshot: string): Promise<void> {
  try {
    await unlink(snapshot);
    await rmdir(folder);
  } catch {
    // It is not there, or there is more: then all of it is looked for.
    await rm(folder, { recursive: true, force: true });
  }
}

/** JSON is UTF-8 by its standard. */
function encodingOf(format: DatasetFormat, configured: TextEncoding): TextEncoding | null {
  if (format === 'parquet' || format === 'xlsx') return null;
  return format === 'json' || format === 'jsonl' ? 'utf-8' : configured;
}

interface SnapshotReading {
  readonly format: DatasetFormat;
  readonly csv: PipelineConfig['files']['csv'];
  readonly texts: TextSettings;
  readonly limits: ReadLimits;
  readonly database: DatabaseOptions;
}

async function withSnapshot<T>(
  file: string,
  { format, csv, texts, limits, database }: SnapshotReading,
  use: UseDataset<T>,
): Promise<T> {
  try {
    switch (format) {
      case 'csv':
      case 'tsv':
      case 'txt':
        return await withDatabase(database, (c) =>
          withDelimited(c, file, { format, csv, texts, limits }, use),
        );
      case 'json':
      case 'jsonl':
        return await withDatabase(database, (c) =>
          withJson(c, file, { format, texts, limits }, use),
        );
      case 'parquet':
        return await withDatabase(database, (c) => withParquet(c, file, { texts, limits }, use));
      case 'arff':
        return use.ofTable(await readArff(file, { texts, limits }));
      case 'xlsx': {
        const text = `${file}.csv`;
        const { numbers } = await workbookToCsv(file, text, limits);
        const written = { format: 'csv', csv: WRITTEN_CSV, hasNumbers: numbers, limits } as const;
        const { missing } = texts;
        const everywhere = [...new Set([...missing.everywhere, ''])];
        const ofCells = { ...texts, missing: { ...missing, everywhere } };
        return await withDatabase(database, (c) =>
          withDelimited(c, text, { ...written, texts: ofCells }, use),
        );
      }
    }
  } catch (error) {
    throw asInvalidDataset(error);
  }
}

/** As `workbookToCsv` writes it. */
const WRITTEN_CSV = { delimiter: ',', quote: '"' } as const;

function textSettingsOf({ csv, columns = {}, known = {} }: ReadOptions): TextSettings {
  const { missing, decimal, thousands } = csv;
  const own = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
    Object.hasOwn(of, name) ? of[name] : undefined;
  return {
    missing: missingTexts(missing),
    signs: { decimal, thousands },
    expected: (name) => ({ declared: own(columns, name)?.kind, known: own(known, name) }),
  };
}
