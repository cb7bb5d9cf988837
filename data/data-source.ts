import type { DuckDBConnection } from '@duckdb/node-api';
import { findMissing, withoutMissing, type MissingFound } from './clean-texts.ts';
import type { ColumnSource } from './column-source.ts';
import { columnAlias } from './duckdb.ts';
import { missingIn } from './held-texts.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';
import type { DelimitedForm, LoadedFile } from './load-delimited.ts';
import type { NoteOfReading } from './reading-notes.ts';
import { readTexts, type TextSettings } from './text-columns.ts';

const ROWS_OF_DATA = { from: 'data', rowNumber: 'rowid' } as const;

export interface DataOptions {
  readonly names: readonly string[];
  readonly rows: number;
  readonly texts: TextSettings;
  readonly hasNumbers?: DelimitedForm['hasNumbers'];
}

/**
 * The columns c0, c1, … of the table `data` as columns of their kinds.
 * @param loaded which of them hold numbers; the others hold clean texts
 * @throws InvalidDatasetError naming row, column and value of a mistake in the data
 */
export async function sourceOfData(
  connection: DuckDBConnection,
  { numeric, dots, held }: LoadedFile,
  { names, rows, texts, hasNumbers }: DataOptions,
): Promise<ColumnSource> {
  const open = [...names.keys()].filter((j) => !numeric.has(j));
  const aliases = open.map(columnAlias);
  const place = { ...ROWS_OF_DATA, rows };
  const missing =
    held === undefined
      ? await findMissing(connection, place, aliases, texts.missing)
      : missingIn(held, texts.missing);
  const read = await readTexts(
    connection,
    place,
    open.map((j, k) => ({
      name: names[j] ?? '',
      sql: withoutMissing(columnAlias(j), missing[k] ?? new Map()),
      values: held?.[j]?.map((text) => (missing[k]?.has(text ?? '') === true ? null : text)),
      hasNumbers: hasNumbers?.has(j),
    })),
    { ...texts, dotElsewhere: dots },
  );
  const columnOf = new Map(open.map((j, k) => [j, read.columns[k]]));
  const columns = names.map(
    (name, j) => columnOf.get(j) ?? { kind: 'numeric' as const, name, sql: columnAlias(j) },
  );
  if (read.hasOneMistakeEach) await refuseUnits(connection, columns, aliases, open);
  const notes = [
    ...read.notes,
    ...notesOfMissing(missing.map((found, k) => ({ name: names[open[k] ?? -1] ?? '', found }))),
  ];
  return { ...place, columns, notes };
}

/**
 * Refuses units, or a second line of names, below the header.
 * @throws InvalidDatasetError if no column of numbers has one in the first row, and one of them has a text there
 */
async function refuseUnits(
  connection: DuckDBConnection,
  columns: ColumnSource['columns'],
  aliases: readonly string[],
  open: readonly number[],
): Promise<void> {
  const numbers = columns.filter(({ kind }) => kind === 'numeric');
  const texts = open.flatMap((j, k) =>
    columns[j]?.kind === 'numeric' ? [{ j, alias: aliases[k] ?? '' }] : [],
  );
  // What is read as numbers already has no texts in it.
  if (columns.length < 2 || texts.length === 0 || texts.length < numbers.length) return;
  const selected = texts.flatMap(({ j, alias }) => [alias, columns[j]?.sql ?? '']);
  const reader = await connection.runAndReadAll(
    `SELECT ${selected.join(', ')} FROM data WHERE rowid = 0`,
  );
  const row = reader.getRows()[0] ?? [];
  const found = texts.map(({ j }, k) => ({ j, text: row[2 * k], number: row[2 * k + 1] }));
  const unit = found.find(
    ({ text, number }) => typeof text === 'string' && text !== '' && number === null,
  );
  if (unit === undefined || found.some(({ number }) => number !== null)) return;
  throw new InvalidDatasetError(
    `row 1 looks like units or a second header: column '${shown(columns[unit.j]?.name ?? '')}' holds numbers, and '${shown(String(unit.text))}' in row 1; remove the row`,
  );
}

/** Columns that a note names. */
const NAMED_COLUMNS = 5;

/** What was taken for missing, but for nothing at all, by its spelling. */
export function notesOfMissing(
  columns: readonly { readonly name: string; readonly found: MissingFound }[],
): readonly NoteOfReading[] {
  const bySpelling = new Map<string, { n: number; names: string[] }>();
  for (const { name, found } of columns) {
    for (const [text, n] of found) {
      if (text === '') continue;
      const entry = bySpelling.get(text) ?? { n: 0, names: [] };
      bySpelling.set(text, { n: entry.n + n, names: [...entry.names, name] });
    }
  }
  return [...bySpelling].map(([text, { n, names }]) => {
    const named = names.slice(0, NAMED_COLUMNS).map((name) => `'${shown(name)}'`);
    const more = names.length - named.length;
    return `'${text}' was taken for missing ${n === 1 ? 'once' : `${n} times`}, in ${named.join(', ')}${more > 0 ? ` and ${more} more columns` : ''}`;
  });
}
