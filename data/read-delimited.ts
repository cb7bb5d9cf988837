import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { checkedColumnNames } from './column-names.ts';
import type { ColumnSource } from './column-source.ts';
import type { DatasetFormat } from './dataset-format.ts';
import { readHeader } from './delimited-header.ts';
import type { DelimitedHeader } from './delimited-header.ts';
import { columnAlias, sqlPath, sqlString } from './duckdb.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
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
  await loadText(connection, file, { header, csv });
  return textSource(connection, { names, limits });
}

async function headerOf(
  file: string,
  dialect: { readonly delimiters: readonly string[]; readonly quote: string },
): Promise<DelimitedHeader> {
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, HEADER_BYTES, 0);
    const { size } = await handle.stat();
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

/** Every field as text into the table `data`; nothing is left for DuckDB to guess. */
async function loadText(
  connection: DuckDBConnection,
  file: string,
  { header, csv }: { readonly header: DelimitedHeader; readonly csv: DelimitedOptions['csv'] },
): Promise<void> {
  const aliases = header.names.map((_, j) => columnAlias(j));
  const selected = aliases.map((alias) => `trim(${alias}) AS ${alias}`);
  const columns = aliases.map((alias) => `${alias}: 'VARCHAR'`);
  try {
    await connection.run(
      `CREATE TEMP TABLE data AS SELECT ${selected.join(', ')} FROM read_csv(${sqlPath(file)},
        auto_detect = false, header = true, skip = ${header.blankLines}, columns = {${columns.join(', ')}},
        delim = ${sqlString(header.delimiter)}, quote = ${sqlString(csv.quote)}, escape = ${sqlString(csv.quote)},
        nullstr = [${nullTexts(header.delimiter, csv).map(sqlString).join(', ')}],
        comment = '', compression = 'none', strict_mode = true, null_padding = false, ignore_errors = false)`,
    );
  } catch (error) {
    throw asInvalidDataset(error);
  }
}

/** The missing tokens as they may stand in a field. */
function nullTexts(
  delimiter: string,
  { missing, quote }: DelimitedOptions['csv'],
): readonly string[] {
  const padded = missing.flatMap((token) => [token, ` ${token}`, `${token} `, ` ${token} `]);
  // DuckDB refuses those that no field can hold; and without any, it would take '' for missing.
  const possible = [...new Set(padded)].filter(
    (text) => !text.includes(delimiter) && !text.includes(quote) && !text.includes('\n'),
  );
  return possible.length > 0 ? possible : [NEVER];
}

/** No text that passed `decodeText` holds it. */
const NEVER = '\uFFFF\uFFFE';

/** DuckDB says in prose what is wrong with a file. */
function asInvalidDataset(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message } = error;
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const where = line === undefined ? 'the file' : `line ${line}`;
  const fields = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  const invalid = (what: string): InvalidDatasetError =>
    new InvalidDatasetError(`${where} ${what}`, { cause: error });
  if (fields !== null) {
    return invalid(
      `has ${fields[2] ?? ''} fields, the header has ${fields[1] ?? ''}; every row needs as many as the header (put a value that contains the delimiter in quotes)`,
    );
  }
  if (message.includes('unterminated quote')) {
    return invalid(
      'has a quote that is not closed, or text after a closing quote; double a quote inside a value',
    );
  }
  if (message.includes('Maximum line size')) {
    return invalid('is longer than 2 MiB; is a quote left open, or are the line ends missing?');
  }
  if (line !== undefined || message.includes('CSV')) {
    return invalid(`cannot be read as delimited text: ${message.split('\n', 1)[0] ?? ''}`);
  }
  return error;
}
