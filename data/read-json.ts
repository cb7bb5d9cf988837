import type { DuckDBConnection } from '@duckdb/node-api';
import { checkedColumnNames } from './column-names.ts';
import type { ColumnSource } from './column-source.ts';
import { columnAlias, sqlName, sqlPath, sqlString } from './duckdb.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import { presentText, textSource } from './text-columns.ts';

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
 * Opens an array of objects, or one object a line. The columns are the keys that occur in any of them, in the
 * order in which they first do; an object without a key has a missing value there.
 * @param file UTF-8
 * @throws InvalidDatasetError if it is not that, or values are nested
 */
export async function openJson(
  connection: DuckDBConnection,
  file: string,
  { format, missing, limits }: JsonOptions,
): Promise<ColumnSource> {
  const layout = format === 'json' ? 'auto' : 'newline_delimited';
  const source = (rest: string): string =>
    `read_json(${sqlPath(file)}, format = '${layout}', records = true, compression = 'uncompressed', ${rest})`;
  try {
    const keys = await keysOf(connection, { source, format });
    const names = checkedColumnNames(keys);
    requireSize({ rows: 0, columns: names.length }, limits);
    const objects = `read_json_objects(${sqlPath(file)}, format = '${layout}', compression = 'uncompressed')`;
    await refuseKeysThatDifferInCase(connection, { keys, objects });
    // As text, so that a number in a file is the same number in every format.
    const columns = keys.map((key) => `${sqlString(key)}: 'VARCHAR'`);
    const selected = keys.map(
      (key, j) => `${presentText(sqlName(key), missing)} AS ${columnAlias(j)}`,
    );
    await connection.run(
      `CREATE TEMP TABLE data AS SELECT ${selected.join(', ')} FROM ${source(`auto_detect = false, columns = {${columns.join(', ')}}`)}`,
    );
    return await textSource(connection, { names, limits });
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

/**
 * DuckDB, to which `a` and `A` are the same, would call the second of them `A_1` and find no value under that
 * name.
 */
async function refuseKeysThatDifferInCase(
  connection: DuckDBConnection,
  { keys, objects }: { readonly keys: readonly string[]; readonly objects: string },
): Promise<void> {
  const lower = new Set(keys.map((key) => key.toLowerCase()));
  for (const key of keys) {
    const original = key.replace(/_\d+$/, '');
    if (original === key || !lower.has(original.toLowerCase())) continue;
    const path = sqlString(`$.${JSON.stringify(key)}`);
    const found = await connection.runAndReadAll(
      `SELECT count(*) FROM ${objects} WHERE json_exists(json, ${path})`,
    );
    if (Number(found.getRows()[0]?.[0]) > 0) continue;
    throw new InvalidDatasetError(
      `two keys differ from '${original}' in upper and lower case only; expected one spelling in all objects`,
    );
  }
}

/** DuckDB says in prose what is wrong with a file. */
function asInvalidDataset(error: unknown, format: 'json' | 'jsonl'): unknown {
  if (!(error instanceof Error) || error instanceof InvalidDatasetError) return error;
  const first = error.message.split('\n', 1)[0] ?? '';
  const invalid = (what: string): InvalidDatasetError =>
    new InvalidDatasetError(`${what}; expected ${EXPECTED[format]}`, { cause: error });
  if (first.includes('expected records'))
    return invalid('there is no object, or something else among the objects');
  if (/Malformed JSON .*unexpected end of data/.test(first)) {
    return invalid(
      'the JSON ends, or a line of it does, in the middle of a value: the file is cut short',
    );
  }
  const json = /^Invalid Input Error: (.*JSON.*)$/.exec(first)?.[1];
  if (json !== undefined) {
    const text = json.replace(/ in file "[^"]*",?/, '').replace(/\.? *$/, '');
    // Of malformed JSON, DuckDB names the record after the one at fault.
    const place = /^(Malformed JSON .*(?:line|record\/value) )(\d+)/;
    return invalid(
      text.replace(
        place,
        (_, before: string, record: string) => before + String(Number(record) - 1),
      ),
    );
  }
  return first.includes('maximum_object_size') ? invalid('an object is larger than 16 MiB') : error;
}
