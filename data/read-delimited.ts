import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { checkedColumnNames } from './column-names.ts';
import type { Column, Table } from '../core/table.ts';
import { WIDE_COLUMNS, type UseDataset } from './column-source.ts';
import type { DatasetFormat } from './dataset-format.ts';
import { readHeader } from './delimited-header.ts';
import type { DelimitedHeader } from './delimited-header.ts';
import { fetchTable } from './fetch-table.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { loadColumns, loadDelimited, type DelimitedForm } from './load-delimited.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import { textSource } from './text-columns.ts';

/** The header has to end within this. */
const HEADER_BYTES = 1 << 20;

const DELIMITERS: Readonly<Record<'csv' | 'tsv' | 'txt', readonly string[]>> = {
  csv: [',', ';', '\t', '|'],
  tsv: ['\t'],
  txt: ['\t', ',', ';', '|', ' '],
};

export interface DelimitedOptions {
  readonly format: Extract<DatasetFormat, 'csv' | 'tsv' | 'txt'>;
  readonly csv: Pick<PipelineConfig['files']['csv'], 'delimiter' | 'quote' | 'missing'>;
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
  { format, csv, limits }: DelimitedOptions,
  use: UseDataset<T>,
): Promise<T> {
  const delimiters = csv.delimiter === undefined ? DELIMITERS[format] : [csv.delimiter];
  const header = await headerOf(file, { delimiters, quote: csv.quote });
  const names = checkedColumnNames(header.names);
  return withRows(connection, file, { form: { header: { ...header, names }, csv }, limits }, use);
}

export interface RowsOptions {
  readonly form: DelimitedForm;
  readonly limits: ReadLimits;
}

/** Reads a delimited text file whose form is known; the names of its columns are taken from the form. */
export async function withRows<T>(
  connection: DuckDBConnection,
  file: string,
  { form, limits }: RowsOptions,
  { ofSource, ofTable }: UseDataset<T>,
): Promise<T> {
  const { names } = form.header;
  requireSize({ rows: 0, columns: names.length }, limits);
  if (names.length > WIDE_COLUMNS) {
    return ofTable(await wideTable(connection, file, { form, limits }));
  }
  const loaded = await loadDelimited(connection, file, form);
  return ofSource(connection, await textSource(connection, { ...loaded, names, limits }));
}

async function wideTable(
  connection: DuckDBConnection,
  file: string,
  { form, limits }: RowsOptions,
): Promise<Table> {
  const { names } = form.header;
  const columns: Column[] = [];
  let rows = 0;
  for (let start = 0; start < names.length; start += WIDE_COLUMNS) {
    const group = names.slice(start, start + WIDE_COLUMNS);
    await loadColumns(connection, file, form, [start, start + group.length]);
    const source = await textSource(connection, { names: group, limits });
    ({ rows } = source);
    requireSize({ rows, columns: names.length }, limits);
    columns.push(...(await fetchTable(connection, source.from, source)).columns);
  }
  return { rows, columns };
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
