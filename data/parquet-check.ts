import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnSource } from './column-source.ts';
import { sqlPath } from './duckdb.ts';
import { EXPRESSIONS_PER_QUERY } from './fetch-table.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';

/** Of a parquet file, behind its data: the length of its footer and its signature. */
const TAIL_BYTES = 8;
const SIGNATURE_BYTES = 4;

/**
 * Checks that the parts of a parquet file fit together as its footer says: groups of rows, values of a column in each,
 * and where they lie in the file.
 * @throws InvalidDatasetError if they do not
 */
export async function requireConsistentFooter(
  connection: DuckDBConnection,
  file: string,
  rows: number,
): Promise<void> {
  const last = (await stat(file)).size - TAIL_BYTES;
  const reader = await connection.runAndReadAll(
    `SELECT row_group_id, row_group_num_rows, num_values, total_compressed_size, data_page_offset,
            coalesce(dictionary_page_offset, 0)
       FROM parquet_metadata(${sqlPath(file)})`,
  );
  const rowsOf = new Map<number, number>();
  for (const part of reader.getRows()) {
    const [group = 0, inGroup = 0, values = 0, bytes = 0, data = 0, dictionary = 0] =
      part.map(Number);
    rowsOf.set(group, inGroup);
    if (values !== inGroup) throw damaged('a column has other than one value for each row');
    const start = dictionary > 0 ? Math.min(dictionary, data) : data;
    if (start < SIGNATURE_BYTES || bytes < 0 || start + bytes > last) {
      throw damaged('a part of it lies outside of the file');
    }
  }
  const found = [...rowsOf.values()].reduce((sum, each) => sum + each, 0);
  if (found !== rows) throw damaged(`its groups hold ${found} rows where ${rows} are announced`);
}

/** Queries of the second look at the texts, at most. */
const LOOKS = 50;

/**
 * Checks that texts hold no NUL, as those of other formats do not, and are the same where each column is read alone as
 * where all are read together: of a damaged file DuckDB may read beyond the end of a page, and so what happens to be
 * in memory.
 * @param texts indices of the columns of text
 * @throws InvalidDatasetError naming the column
 */
export async function requireSoundTexts(
  connection: DuckDBConnection,
  { from, rowNumber, columns }: Omit<ColumnSource, 'rows'>,
  texts: readonly number[],
): Promise<void> {
  const digest = (j: number): string => `bit_xor(hash(${rowNumber}, ${columns[j]?.sql ?? ''}))`;
  const hasNul = (j: number): string => `bool_or(contains(${columns[j]?.sql ?? ''}, chr(0)))`;
  const ask = async (expressions: readonly string[]): Promise<readonly unknown[]> => {
    const reader = await connection.runAndReadAll(`SELECT ${expressions.join(', ')} FROM ${from}`);
    return reader.getRows()[0] ?? [];
  };
  const together = new Map<number, unknown>();
  for (const group of groupsOf(texts, EXPRESSIONS_PER_QUERY / 2)) {
    const found = await ask(group.flatMap((j) => [digest(j), hasNul(j)]));
    for (const [k, j] of group.entries()) {
      together.set(j, found[2 * k]);
      if (found[2 * k + 1] === true) throw damaged(`${nameOf(columns, j)} holds the character NUL`);
    }
  }
  for (const group of groupsOf(texts, Math.ceil(texts.length / LOOKS))) {
    const found = await ask(group.map(digest));
    const odd = group.find((j, k) => found[k] !== together.get(j));
    if (odd !== undefined)
      throw damaged(`${nameOf(columns, odd)} is different each time it is read`);
  }
}

function groupsOf(items: readonly number[], size: number): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(items.length / Math.max(1, size)) }, (_, k) =>
    items.slice(k * size, (k + 1) * size),
  );
}

const nameOf = (columns: ColumnSource['columns'], j: number): string =>
  `column '${shown(columns[j]?.name ?? '')}'`;

function damaged(why: string): InvalidDatasetError {
  return new InvalidDatasetError(`the parquet file is damaged (${why}); expected a complete one`);
}
