import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { checkedColumnNames } from './column-names.ts';
import type { ColumnSource } from './column-source.ts';
import type { DatasetFormat } from './dataset-format.ts';
import { readHeader } from './delimited-header.ts';
import type { DelimitedHeader } from './delimited-header.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { loadDelimited } from './load-delimited.ts';
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
 * Opens a delimited text file with a header.
 * @param file UTF-8 with `\n` line ends
 * @throws InvalidDatasetError naming the line of a record with too many or too few fields
 */
export async function openDelimited(
  connection: DuckDBConnection,
  file: string,
  { format, csv, limits }: DelimitedOptions,
): Promise<ColumnSource> {
  const delimiters = csv.delimiter === undefined ? DELIMITERS[format] : [csv.delimiter];
  const header = await headerOf(file, { delimiters, quote: csv.quote });
  const names = checkedColumnNames(header.names);
  requireSize({ rows: 0, columns: names.length }, limits);
  const numeric = await loadDelimited(connection, file, { header, csv });
  return textSource(connection, { names, numeric, limits });
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
      throw new InvalidDatasetError('the file is empty; expected a header line and rows of data');
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
