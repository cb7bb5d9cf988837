import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table } from '../core/table.ts';
import { checkedColumnNames } from './column-names.ts';
import { columnAlias, sqlName, sqlPath, sqlString } from './duckdb.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import { presentText, textTable } from './text-columns.ts';

export interface JsonOptions {
  readonly format: 'json' | 'jsonl';
  readonly missing: readonly string[];
  readonly limits: ReadLimits;
}

const EXPECTED = {
  json: 'an array of flat objects, [{"a": 1}, …] (pandas: to_json(orient="records"))',
  jsonl: 'one flat object a line, {"a": 1}',
};

/**
 * Reads an array of objects, or one object a line. The columns are the keys that occur in any of them, in the
 * order in which they first do; an object without a key has a missing value there.
 * @param file UTF-8
 * @throws InvalidDatasetError if it is not that, or values are nested
 */
export async function readJson(
  connection: DuckDBConnection,
  file: string,
  { format, missing, limits }: JsonOptions,
): Promise<Table> {
  const layout = format === 'json' ? 'auto' : 'newline_delimited';
  const source = (rest: string): string =>
    `read_json(${sqlPath(file)}, format = '${layout}', records = true, compression = 'none', ${rest})`;
  try {
    const keys = await keysOf(connection, { source, format });
    const names = checkedColumnNames(keys);
    requireSize({ rows: 0, columns: names.length }, limits);
    // As text, so that a number in a file is the same number in every format.
    const columns = keys.map((key) => `${sqlString(key)}: 'VARCHAR'`);
    const selected = keys.map(
      (key, j) => `${presentText(sqlName(key), missing)} AS ${columnAlias(j)}`,
    );
    await connection.run(
      `CREATE TABLE data AS SELECT ${selected.join(', ')} FROM ${source(`auto_detect = false, columns = {${columns.join(', ')}}`)}`,
    );
    return await textTable(connection, { names, limits });
  } catch (error) {
    throw asInvalidDataset(error, format);
  }
}

/** The keys of all objects. */
async function keysOf(
  connection: DuckDBConnection,
  {
    source,
    format,
  }: { readonly source: (rest: string) => string; readonly format: 'json' | 'jsonl' },
): Promise<readonly string[]> {
  const all =
    'auto_detect = true, sample_size = -1, maximum_depth = 2, map_inference_threshold = -1';
  const described = await connection.runAndReadAll(
    `DESCRIBE SELECT * FROM ${source(`${all}, field_appearance_threshold = 0`)}`,
  );
  return described.getRows().map(([name, type]) => {
    if (!/^(STRUCT|MAP)\(|\[\]$/.test(String(type))) return String(name);
    throw new InvalidDatasetError(
      `'${String(name)}' holds nested values; expected ${EXPECTED[format]}, with nested values flattened into keys of their own`,
    );
  });
}

function asInvalidDataset(error: unknown, format: 'json' | 'jsonl'): unknown {
  if (!(error instanceof Error) || error instanceof InvalidDatasetError) return error;
  const found = /(Malformed JSON|.*JSON.*object|.*maximum_object_size|Expected .*)/i.exec(
    error.message,
  );
  if (found === null || !/^(Invalid Input|IO) Error/i.test(error.message)) return error;
  const line = /(?:in|at) (?:record\/value|line|byte \d+ of line|value) (\d+)/i.exec(
    error.message,
  )?.[1];
  const where = line === undefined ? '' : `, record ${line}`;
  const why = (error.message.split('\n', 1)[0] ?? '').replaceAll(/in file "[^"]*",? ?/g, '');
  return new InvalidDatasetError(`not valid JSON${where}: ${why}; expected ${EXPECTED[format]}`, {
    cause: error,
  });
}
