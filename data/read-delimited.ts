import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { checkedColumnNames } from './column-names.ts';
import type { Column } from '../core/table.ts';
import {
  WIDE_COLUMNS,
  type ColumnSource,
  type ReadTable,
  type UseDataset,
} from './column-source.ts';
import type { DatasetFormat } from './dataset-format.ts';
import { readHeader } from './delimited-header.ts';
import type { DelimitedHeader } from './delimited-header.ts';
import { fetchTable } from './fetch-table.ts';
import { holdTexts } from './held-texts.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { loadColumns, loadDelimited, leaveOutRows, type DelimitedForm } from './load-delimited.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import type { NoteOfReading } from './reading-notes.ts';
import { refuseTotals, rowsThatAreNone, type TextsOfData } from './rows-of-data.ts';
import { sourceOfData } from './data-source.ts';
import type { TextSettings } from './text-columns.ts';

/** The header has to end within this. */
const HEADER_BYTES = 1 << 20;

const DELIMITERS: Readonly<Record<'csv' | 'tsv' | 'txt', readonly string[]>> = {
  csv: [',', ';', '\t', '|'],
  tsv: ['\t'],
  txt: ['\t', ',', ';', '|', ' '],
};

export interface DelimitedOptions {
  readonly format: Extract<DatasetFormat, 'csv' | 'tsv' | 'txt'>;
  readonly csv: Pick<PipelineConfig['files']['csv'], 'delimiter' | 'quote'>;
  readonly texts: TextSettings;
  /** as in a `DelimitedForm` */
  readonly hasNumbers?: DelimitedForm['hasNumbers'];
  readonly limits: ReadLimits;
}

/**
 * Reads a delimited text file with a header.
 * @param file UTF-8 with `\n` line ends, none longer than `shortLines` lets pass, in a folder of its own, which is removed when the connection is closed
 * @throws InvalidDatasetError naming the line of a record with too many or too few fields
 */
export async function withDelimited<T>(
  connection: DuckDBConnection,
  file: string,
  { format, csv, texts, hasNumbers, limits }: DelimitedOptions,
  use: UseDataset<T>,
): Promise<T> {
  const delimiters = csv.delimiter === undefined ? DELIMITERS[format] : [csv.delimiter];
  const header = await headerOf(file, { delimiters, quote: csv.quote });
  const names = checkedColumnNames(header.names);
  const isUnnamed = (header.names[0] ?? '').trim() === '';
  const form = { header: { ...header, names }, quote: csv.quote, texts, hasNumbers };
  return withRows(connection, file, { form, limits, isUnnamed }, use);
}

export interface RowsOptions {
  readonly form: DelimitedForm;
  readonly limits: ReadLimits;
  /** whether the file gives its first column no name: it is left out if it has no value either */
  readonly isUnnamed?: boolean | undefined;
}

/** Reads a delimited text file whose form is known; the names of its columns are taken from the form. */
export async function withRows<T>(
  connection: DuckDBConnection,
  file: string,
  { form, limits, isUnnamed }: RowsOptions,
  { ofSource, ofTable }: UseDataset<T>,
): Promise<T> {
  const { names } = form.header;
  requireSize({ rows: 0, columns: names.length }, limits);
  if (names.length > WIDE_COLUMNS) {
    return ofTable(await wideTable(connection, file, { form, limits }));
  }
  const loaded = await loadDelimited(connection, file, form);
  const written = names.map((name, j) => (j === 0 && isUnnamed === true ? '' : name));
  const { numeric } = loaded;
  const left = await leaveOut(connection, file, { names: written, numeric, held: loaded.held });
  const held =
    loaded.held === undefined || left.length === 0
      ? loaded.held
      : await holdTexts(connection, names.length);
  const rows = held?.[0]?.length ?? (await rowsOfData(connection));
  requireSize({ rows, columns: names.length }, limits);
  await refuseTotals(connection, { names, numeric, held }, rows);
  const { texts, hasNumbers } = form;
  const source = await sourceOfData(
    connection,
    { ...loaded, held },
    { names, rows, texts, hasNumbers },
  );
  const { columns, notes } = await withoutPhantom(connection, source, isUnnamed ?? false);
  return ofSource(connection, { ...source, columns, notes: [...left, ...notes] });
}

async function rowsOfData(connection: DuckDBConnection): Promise<number> {
  const counted = await connection.runAndReadAll('SELECT count(*) FROM data');
  return Number(counted.getRows()[0]?.[0]);
}

/** Leaves out rows that are none, and tells of them. */
async function leaveOut(
  connection: DuckDBConnection,
  file: string,
  data: TextsOfData,
): Promise<readonly NoteOfReading[]> {
  const { empty, headers, condition } = await rowsThatAreNone(connection, data);
  if (empty + headers === 0) return [];
  await leaveOutRows(connection, file, { columns: data.names.length, condition });
  const told = (n: number, one: string, more: string): readonly NoteOfReading[] =>
    n === 0 ? [] : [n === 1 ? `1 row ${one}` : `${n} rows ${more}`];
  return [
    ...told(empty, 'without any value was left out', 'without any value were left out'),
    ...told(
      headers,
      'that repeats the header was left out',
      'that repeat the header were left out',
    ),
  ];
}

/** Leaves out a first column that has neither a name nor a value, as where a table begins further to the right. */
async function withoutPhantom(
  connection: DuckDBConnection,
  { columns, notes = [], from }: ColumnSource,
  isUnnamed: boolean,
): Promise<Required<Pick<ColumnSource, 'columns' | 'notes'>>> {
  const [first, ...others] = columns;
  if (!isUnnamed || first?.kind !== 'categorical') return { columns, notes };
  const counted = await connection.runAndReadAll(`SELECT count(${first.sql}) FROM ${from}`);
  if (Number(counted.getRows()[0]?.[0]) > 0) return { columns, notes };
  return {
    columns: others,
    notes: [...notes, 'a first column without a name and a value was left out'],
  };
}

async function wideTable(
  connection: DuckDBConnection,
  file: string,
  { form, limits }: RowsOptions,
): Promise<ReadTable> {
  const { names } = form.header;
  const columns: Column[] = [];
  const notes: NoteOfReading[] = [];
  let rows = 0;
  for (let start = 0; start < names.length; start += WIDE_COLUMNS) {
    const group = names.slice(start, start + WIDE_COLUMNS);
    await loadColumns(connection, file, form, [start, start + group.length]);
    rows = await rowsOfData(connection);
    requireSize({ rows, columns: names.length }, limits);
    const hasNumbers = new Set([...(form.hasNumbers ?? [])].map((j) => j - start));
    const options = { names: group, rows, texts: form.texts, hasNumbers };
    const source = await sourceOfData(connection, { numeric: new Set(), dots: 0 }, options);
    notes.push(...(source.notes ?? []));
    columns.push(...(await fetchTable(connection, source.from, source)).columns);
  }
  return { rows, columns, notes };
}

async function headerOf(
  file: string,
  dialect: { readonly delimiters: readonly string[]; readonly quote: string },
): Promise<DelimitedHeader> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, HEADER_BYTES));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const start = new TextDecoder().decode(buffer.subarray(0, bytesRead), { stream: true });
    if (start.trim() === '') {
      throw new InvalidDatasetError(
        bytesRead === size
          ? 'the file is empty; expected a header line and rows of data'
          : `the first ${HEADER_BYTES} bytes are blank; expected a header line and rows of data`,
      );
    }
    const header = readHeader(start, { ...dialect, isWhole: bytesRead === size });
    if (header !== null) return header;
    throw new InvalidDatasetError(
      `the header does not end within ${HEADER_BYTES} bytes; is a quote (${dialect.quote}) left open, or is this not a delimited text file?`,
    );
  } finally {
    await handle.close();
  }
}
