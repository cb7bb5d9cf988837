import type { DuckDBConnection } from '@duckdb/node-api';
import { sqlString } from './duckdb.ts';
import { EXPRESSIONS_PER_QUERY } from './fetch-table.ts';
import type { MissingTexts } from './missing-texts.ts';

/** White space of Unicode, and what has no width: neither counts at the ends of a value. */
const WHITE_SPACE = [
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a],
  ...[0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0x200b, 0xfeff],
];

const SET = `[${String.fromCodePoint(...WHITE_SPACE)}]`;
const AT_AN_END = new RegExp(`^${SET}|${SET}$`);

/** Whether white space of any sort stands around a text. */
export const hasSpaceAround = (text: string): boolean => AT_AN_END.test(text);

const TRIMMED = sqlString(String.fromCodePoint(...WHITE_SPACE));

/** SQL of a text without white space around it and in Unicode's composed form, so that values that look alike are alike. */
export const cleanText = (sql: string): string => `nfc_normalize(trim(${sql}, ${TRIMMED}))`;

/** The same but for white space other than spaces, which takes long to look for in SQL. */
export const cleanOfSpaces = (sql: string): string => `nfc_normalize(trim(${sql}))`;

/** As `cleanText`, for long files: faster for each of many rows, and longer to plan. */
export function cleanLongText(sql: string): string {
  // DuckDB's own trim takes all spaces away; it builds a set of characters anew for each text where it is given some.
  const text = `trim(${sql})`;
  const hasOther = ['\t', '\n', '\u200b', '\ufeff']
    .flatMap((char) => ['prefix', 'suffix'].map((at) => `${at}(${text}, ${sqlString(char)})`))
    .join(' OR ');
  return `nfc_normalize(CASE WHEN ${hasOther} THEN trim(${sql}, ${TRIMMED}) ELSE ${text} END)`;
}

/** From so many rows on the work is in the rows, and not in the plans of queries. */
export const LONG_ROWS = 20_000;

/** How often each text that stands for a missing value was found. */
export type MissingFound = ReadonlyMap<string, number>;

/**
 * The texts that stand for missing values, of which each column has few or none.
 * @param columns SQL of clean texts
 * @returns in the order of the columns
 */
export async function findMissing(
  connection: DuckDBConnection,
  { from, rows }: { readonly from: string; readonly rows: number },
  columns: readonly string[],
  { everywhere }: MissingTexts,
): Promise<readonly MissingFound[]> {
  const found = columns.map(() => new Map<string, number>());
  if (everywhere.length === 0) return found;
  const list = everywhere.map(sqlString).join(', ');
  for (let start = 0; start < columns.length; start += EXPRESSIONS_PER_QUERY) {
    const batch = columns.slice(start, start + EXPRESSIONS_PER_QUERY);
    if (rows < LONG_ROWS) {
      const texts = unnested(from, [...batch.keys()], batch);
      const reader = await connection.runAndReadAll(
        `SELECT j, t, count(*) FROM ${texts} WHERE t IN (${list}) GROUP BY j, t ORDER BY j, t`,
      );
      for (const [k, text, n] of reader.getRows()) {
        found[start + Number(k)]?.set(String(text), Number(n));
      }
      continue;
    }
    // A list of that length becomes a table that each column is joined with.
    for (const [k, sql] of batch.entries()) {
      const reader = await connection.runAndReadAll(
        `SELECT ${sql} AS t, count(*) FROM ${from} WHERE t IN (${list}) GROUP BY t ORDER BY t`,
      );
      for (const [text, n] of reader.getRows()) found[start + k]?.set(String(text), Number(n));
    }
  }
  return found;
}

/**
 * SQL of the texts `t` of some columns `j`, one a row. So an expression is planned once for all of them, which is most
 * of the work where there are few rows.
 */
export function unnested(
  from: string,
  which: readonly number[],
  columns: readonly string[],
): string {
  const texts = which.map((j) => columns[j] ?? '');
  return `(SELECT unnest([${texts.join(', ')}]) AS t, unnest([${which.join(', ')}]) AS j FROM ${from})`;
}

/** SQL of whether a text is one of some: one expression, however many they are. */
export function isOneOf(sql: string, texts: readonly string[]): string {
  const escaped = texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  return `regexp_matches(${sql}, ${sqlString(`^(?:${escaped.join('|')})$`)})`;
}

/** SQL of a clean text, NULL where it is one of those that were found to stand for missing values. */
export function withoutMissing(sql: string, found: MissingFound): string {
  if (found.size === 0) return sql;
  return `CASE WHEN ${sql} NOT IN (${[...found.keys()].map(sqlString).join(', ')}) THEN ${sql} END`;
}
