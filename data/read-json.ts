import type { DuckDBConnection } from '@duckdb/node-api';
import { checkedColumnNames } from './column-names.ts';
import type { UseDataset } from './column-source.ts';
import { jsonToCsv } from './json-to-csv.ts';
import { withRows } from './read-delimited.ts';
import type { ReadLimits } from './read-limits.ts';
import type { TextSettings } from './text-columns.ts';

export interface JsonOptions {
  readonly format: 'json' | 'jsonl';
  readonly texts: TextSettings;
  readonly limits: ReadLimits;
}

/**
 * Reads an array of objects, or one object a line. The columns are the keys that occur in any of them, in the
 * order in which they first do; an object without a key has a missing value there.
 * @param file UTF-8, in a folder of its own, which is removed when the connection is closed
 * @throws InvalidDatasetError if it is not that, or values are nested
 */
export async function withJson<T>(
  connection: DuckDBConnection,
  file: string,
  { format, texts, limits }: JsonOptions,
  use: UseDataset<T>,
): Promise<T> {
  const text = `${file}.csv`;
  const written = await jsonToCsv(file, text, { layout: format, limits });
  const names = checkedColumnNames(written.names);
  const header = { delimiter: ',', names, blankLines: 0 };
  const form = { header, quote: '"', texts, hasNumbers: written.numbers };
  return withRows(connection, text, { form, limits }, use);
}
