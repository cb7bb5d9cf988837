import type { DuckDBConnection } from '@duckdb/node-api';
import { isOneOf } from './clean-texts.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';
import type { CodeSign } from './kind-of-texts.ts';
import { plainNumber } from './number-forms.ts';
import type { NoteOfReading } from './reading-notes.ts';
import { numberOf, valueOf, type FormOfColumn } from './text-form.ts';
import { isMostlyNumbers, type TextRows } from './text-profile.ts';

/** Different values that a note names. */
const NAMED_ODD = 3;

const WHY_CODES: Readonly<Record<CodeSign, string>> = {
  zero: 'begins with a zero, which a number would lose',
  huge: 'has more digits than a number keeps',
  plus: 'is written like a telephone number',
  version: 'is written like a version, of which 1.1 and 1.10 are two',
  year: 'is no date of a year from 1500 to 2500',
};

/** SQL of whether a text is what a sign of codes was found by. */
const isCode = (sql: string, sign: CodeSign): string =>
  ({
    zero: `regexp_matches(${sql}, '^[+-]?0[0-9]+$')`,
    huge: `regexp_matches(${sql}, '^[+-]?[0-9]{16,}$')`,
    plus: `regexp_matches(${sql}, '^\\+[0-9]{7,}$')`,
    version: `regexp_matches(${sql}, '0$')`,
    year: `NOT ${sql}[1:4] BETWEEN '1500' AND '2500'`,
  })[sign];

/** What is to be told of a column that is not simply what it looks like. */
export async function tellOf(
  connection: DuckDBConnection,
  rows: TextRows,
  column: FormOfColumn,
): Promise<readonly NoteOfReading[]> {
  const { name, sql, profile, verdict, expected, isPlain } = column;
  if (profile === null) return [];
  const notes: NoteOfReading[] = [];
  const of = `column '${shown(name)}'`;
  if (verdict.codes !== null) {
    const [example] = await examplesOf(connection, rows, sql, isCode(sql, verdict.codes));
    notes.push(
      `${of} is text, though its values could be ${verdict.codes === 'year' ? 'dates' : 'numbers'}: ${example?.text ?? ''} ${WHY_CODES[verdict.codes]} (columns.${shown(name)}.kind: ${verdict.codes === 'year' ? 'time' : 'numeric'} would read it so)`,
    );
  } else if (verdict.kind === 'categorical' && expected.known !== 'categorical') {
    notes.push(...(await tellOfNumbersAmongTexts(connection, rows, column)));
  }
  if (verdict.kind === 'numeric' && !isPlain) {
    const number = numberOf(column);
    const where = `${number} IS NOT NULL AND (${plainNumber(sql)} IS NULL OR ${plainNumber(sql)} <> ${number})`;
    const [example] = await examplesOf(connection, rows, sql, where, number);
    if (example !== undefined) {
      notes.push(
        `the numbers of ${of} are written in another form: ${example.text} is ${example.value}`,
      );
    }
  }
  if (verdict.odd > 0) notes.push(...(await tellOfOdd(connection, rows, column)));
  return notes;
}

async function tellOfNumbersAmongTexts(
  connection: DuckDBConnection,
  rows: TextRows,
  column: FormOfColumn,
): Promise<readonly NoteOfReading[]> {
  const { name, sql, profile } = column;
  if (profile === null || !isMostlyNumbers(profile) || profile.numberLike < 2) return [];
  const { present, numberLike, blank } = profile;
  if (profile.signs.currencies > 1) {
    return [
      `column '${shown(name)}' is text: its amounts are in ${profile.signs.currencies} currencies, which are not one scale`,
    ];
  }
  const [example] = await examplesOf(connection, rows, sql, `${numberOf(column)} IS NULL`);
  return [
    `column '${shown(name)}' is text: ${numberLike} of its ${present - blank} values look like numbers, and others, such as ${example?.text ?? ''}, do not; columns.${shown(name)}.kind: numeric would make those missing, and so does each of them in files.csv.missing`,
  ];
}

/**
 * Refuses a column of dates with mistakes in it.
 * @returns if there are so many different ones that they are no mistakes
 * @throws InvalidDatasetError naming the first
 */
export async function refuseOddDates(
  connection: DuckDBConnection,
  rows: TextRows,
  column: FormOfColumn,
): Promise<void> {
  const { name, sql, verdict, profile } = column;
  const { present: n = 0 } = profile ?? {};
  const isOdd = `${sql} IS NOT NULL AND ${valueOf(column, 'time')} IS NULL`;
  const examples = await examplesOf(connection, rows, sql, isOdd);
  const [first] = examples;
  if (examples.length > NAMED_ODD || first === undefined) return;
  throw new InvalidDatasetError(
    `row ${first.row}, column '${shown(name)}': ${first.text} is not ${MEANING.time}, as ${n - verdict.odd} of the column's ${n} values are; correct it, or add it to files.csv.missing if it stands for a missing value`,
  );
}

const MEANING = {
  numeric: 'a number',
  time: 'a date such as 2024-12-31 or 2024-12-31T23:59:59Z',
} as const;

async function tellOfOdd(
  connection: DuckDBConnection,
  rows: TextRows,
  column: FormOfColumn,
): Promise<readonly NoteOfReading[]> {
  const { name, sql, verdict, profile, blanks } = column;
  const { kind, odd } = verdict;
  if (kind === 'categorical') return [];
  const value = valueOf(column, kind);
  const none =
    kind === 'time'
      ? `${value} IS NULL`
      : `(${value} IS NULL OR isinf(${value}) AND regexp_matches(${sql}, '[0-9]'))`;
  const isBlank = kind === 'time' || blanks.length === 0 ? '' : ` AND NOT ${isOneOf(sql, blanks)}`;
  const isOdd = `${sql} IS NOT NULL AND ${none}${isBlank}`;
  const examples = await examplesOf(connection, rows, sql, isOdd);
  const n = (profile?.present ?? 0) - (kind === 'numeric' ? (profile?.blank ?? 0) : 0);
  if (2 * odd > n) {
    const [first] = examples;
    throw new InvalidDatasetError(
      `column '${shown(name)}' is declared ${kind} in pipeline.yaml (columns), and ${odd} of its ${n} values are not ${MEANING[kind]}: row ${first?.row ?? 0} has ${first?.text ?? ''}`,
    );
  }
  const named = examples
    .slice(0, NAMED_ODD)
    .map(({ text, row }) => `${text} (row ${row})`)
    .join(', ');
  const more = examples.length > NAMED_ODD ? ', …' : '';
  const verbs = odd === 1 ? ['is', 'counts'] : ['are', 'count'];
  return [
    `${odd} of the ${n} values of column '${shown(name)}' ${verbs[0]} not ${MEANING[kind]} and ${verbs[1]} as missing: ${named}${more}`,
  ];
}

interface Example {
  /** in quotes */
  readonly text: string;
  /** from 1 */
  readonly row: number;
  readonly value: string;
}

/** The first rows with different texts of a sort, and one more than a note names. */
async function examplesOf(
  connection: DuckDBConnection,
  { from, rowNumber }: TextRows,
  sql: string,
  ...[where, value = 'NULL']: readonly [where: string, value?: string]
): Promise<readonly Example[]> {
  const reader = await connection.runAndReadAll(
    `SELECT ${sql} AS t, min(${rowNumber}) + 1 AS r, min(${value}) FROM ${from} WHERE ${where} GROUP BY t ORDER BY r LIMIT ${NAMED_ODD + 1}`,
  );
  return reader.getRows().map(([text, row, found]) => ({
    text: `'${shown(String(text))}'`,
    row: Number(row),
    value: String(found),
  }));
}

/** @throws InvalidDatasetError naming a number of which the file does not tell what the sign in it means */
export async function refuseUnclear(
  connection: DuckDBConnection,
  rows: TextRows,
  { name, sql, profile }: FormOfColumn,
): Promise<never> {
  const { dotThree = 0, commaThree = 0 } = profile?.signs ?? {};
  const sign = dotThree >= commaThree ? '.' : ',';
  const [example] = await examplesOf(
    connection,
    rows,
    sql,
    `regexp_matches(${sql}, '[1-9][0-9]{0,2}\\${sign}[0-9]{3}')`,
  );
  const text = example?.text ?? '';
  const digits = /\d+[.,]\d{3}/.exec(text)?.[0] ?? '';
  throw new InvalidDatasetError(
    `row ${example?.row ?? 0}, column '${shown(name)}': ${text} may be ${digits.replace(sign, '')} or ${digits.replace(sign, '.')}, and nothing in the file tells which, since all numbers with a '${sign}' have three digits behind it; set files.csv.decimal to the sign that stands before decimals, '.' or ','`,
  );
}
