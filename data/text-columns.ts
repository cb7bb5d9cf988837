import type { DuckDBConnection } from '@duckdb/node-api';
import { LONG_ROWS } from './clean-texts.ts';
import { clearProfile } from './clear-profile.ts';
import { decimalSigns, type NumberSigns } from './decimal-sign.ts';
import { EXPRESSIONS_PER_QUERY, type ColumnQuery } from './fetch-table.ts';
import { kindOfTexts, MOST_ODD_SHARE, type ExpectedKind } from './kind-of-texts.ts';
import type { MissingTexts } from './missing-texts.ts';
import type { DecimalSign } from './number-forms.ts';
import type { NoteOfReading } from './reading-notes.ts';
import { refuseOddDates, refuseUnclear, tellOf } from './tell-of-texts.ts';
import { numberOf, valueOf, type FormOfColumn, type TextColumn } from './text-form.ts';
import { isMostlyNumbers, profileTexts, type TextProfile, type TextRows } from './text-profile.ts';

/** What is said of a pipeline's texts beforehand. */
export interface TextSettings {
  readonly missing: MissingTexts;
  readonly signs: NumberSigns;
  readonly expected: (name: string) => ExpectedKind;
  /** numbers of columns that are read already, which only a dot before the decimals makes sense of */
  readonly dotElsewhere?: number | undefined;
}

/** The columns of a table that texts become, and what is to be told of them. */
export interface TextsRead {
  /** in the order of the texts */
  readonly columns: readonly ColumnQuery[];
  /** whether columns of numbers have a value each that is none, and none of them more */
  readonly hasOneMistakeEach: boolean;
  readonly notes: readonly NoteOfReading[];
}

/**
 * Columns of texts as columns of the kinds that they are, by the rule in `kind-of-texts.ts`.
 * @throws InvalidDatasetError naming row, column and value of what cannot be understood, and the setting that decides
 */
export async function readTexts(
  connection: DuckDBConnection,
  rows: TextRows,
  texts: readonly TextColumn[],
  settings: TextSettings,
): Promise<TextsRead> {
  const profiles = await profilesOf(connection, rows, texts, settings);
  const found = await formsOf(connection, rows, { texts, profiles, settings });
  const columns: ColumnQuery[] = [];
  const notes: NoteOfReading[] = [];
  for (const column of found) {
    const told = await tellOf(connection, rows, column);
    notes.push(...told);
    const { name, verdict } = column;
    columns.push({ kind: verdict.kind, name, sql: valueOf(column, verdict.kind) });
  }
  const odd = found.flatMap(({ verdict }) => (verdict.odd > 0 ? [verdict.odd] : []));
  const hasOneMistakeEach = odd.length > 0 && odd.every((n) => n === 1);
  return { columns, hasOneMistakeEach, notes };
}

/** The share of the rows that tell of most texts that they are neither numbers nor dates. */
const TELLING_SHARE = 0.06;

/** Null: a column that is text, whatever the rest of the rows hold. */
async function profilesOf(
  connection: DuckDBConnection,
  { from, rows }: TextRows,
  texts: readonly TextColumn[],
  { missing, expected }: TextSettings,
): Promise<readonly (TextProfile | null)[]> {
  const profile = (
    of: Pick<TextRows, 'from' | 'rows'>,
    which: readonly number[],
    sampled?: readonly TextProfile[],
  ): Promise<readonly TextProfile[]> =>
    profileTexts(
      connection,
      of,
      which.map((j) => texts[j]?.sql ?? ''),
      { blanks: missing.amongNumbers, sampled },
    );
  let open = [...texts.keys()].filter((j) => expected(texts[j]?.name ?? '').declared !== 'text');
  const profiles = texts.map(({ values }, j): TextProfile | null =>
    values === undefined || !open.includes(j) ? null : clearProfile(values, missing.amongNumbers),
  );
  open = open.filter((j) => profiles[j] === null);
  let sampled: readonly TextProfile[] | undefined;
  if (rows >= LONG_ROWS) {
    const telling = Math.ceil(TELLING_SHARE * rows);
    const first = { from: `(SELECT * FROM ${from} LIMIT ${telling})`, rows: telling };
    const found = await profile(first, open);
    const isKept = open.map((j, k) => {
      const { name = '' } = texts[j] ?? {};
      return expected(name).declared !== undefined || isOpen(found[k] as TextProfile, rows);
    });
    sampled = found.filter((_, k) => isKept[k]);
    open = open.filter((_, k) => isKept[k]);
  }
  const whole = await profile({ from, rows }, open, sampled);
  open.forEach((j, k) => (profiles[j] = whole[k] ?? null));
  return profiles;
}

/** Whether the rest of the rows may show a column to be numbers, dates or booleans, or numbers for the most part. */
function isOpen(
  { present, blank, numberLike, times, booleans }: TextProfile,
  rows: number,
): boolean {
  const numbers = numberLike + blank;
  const most = Math.max(numbers, times, booleans);
  return present - most <= MOST_ODD_SHARE * rows || numbers >= MOST_ODD_SHARE * present;
}

async function formsOf(
  connection: DuckDBConnection,
  rows: TextRows,
  {
    texts,
    profiles,
    settings,
  }: {
    readonly texts: readonly TextColumn[];
    readonly profiles: readonly (TextProfile | null)[];
    readonly settings: TextSettings;
  },
): Promise<readonly FormOfColumn[]> {
  const mayBeNumbers = [...texts.keys()].filter((j) => isMostlyNumbers(profiles[j] ?? null));
  const signs = decimalSigns(
    mayBeNumbers.map((j) => ({
      signs: (profiles[j] as TextProfile).signs,
      hasNumbers: texts[j]?.hasNumbers ?? false,
    })),
    settings.signs,
    settings.dotElsewhere ?? 0,
  );
  const signOf = new Map(mayBeNumbers.map((j, k) => [j, signs[k] ?? null]));
  const forms = texts.map((text, j): Omit<FormOfColumn, 'verdict'> => {
    const profile = profiles[j] ?? null;
    const decimal = signOf.get(j) ?? '.';
    return {
      ...{ ...text, profile, decimal, isPlain: isPlainWith(profile, decimal) },
      ...{ blanks: settings.missing.amongNumbers, expected: settings.expected(text.name) },
    };
  });
  const counted = await numbersOf(
    connection,
    rows,
    forms.filter((form, j) => !form.isPlain && signOf.has(j)),
  );
  const decided: FormOfColumn[] = [];
  for (const [j, form] of forms.entries()) {
    const { profile, expected, name } = form;
    const counts = countsOf(form, counted.get(name));
    let column = { ...form, verdict: kindOfTexts(counts, expected) };
    const { verdict } = column;
    if (verdict.kind === 'time' && verdict.odd > 0 && expected.declared === undefined) {
      await refuseOddDates(connection, rows, column);
      column = { ...form, verdict: kindOfTexts({ ...counts, times: 0 }, expected) };
    }
    if (profile !== null && signOf.get(j) === null && verdict.kind === 'numeric') {
      await refuseUnclear(connection, rows, column);
    }
    decided.push(column);
  }
  return decided;
}

/** Whether every number is one that DuckDB reads as it is meant. */
function isPlainWith(profile: TextProfile | null, decimal: DecimalSign): boolean {
  if (profile === null) return true;
  const { plain, numberLike, signs } = profile;
  return plain >= numberLike && (decimal === '.' || signs.dot + signs.dotThree === 0);
}

function countsOf(
  { profile }: Pick<FormOfColumn, 'profile'>,
  written: number | undefined,
): Parameters<typeof kindOfTexts>[0] {
  if (profile === null) {
    return { present: 1, blank: 0, numbers: 0, times: 0, booleans: 0, codes: null };
  }
  const { present, blank, plain, overflow, times, oddYears, booleans, signs } = profile;
  const numbers = signs.currencies > 1 ? 0 : (written ?? plain - overflow);
  const codes = oddYears > 0 ? 'year' : profile.codes;
  return { ...{ present, blank, numbers, times, booleans, codes } };
}

/** How many values are numbers, of columns whose numbers are written as people write them; by name. */
async function numbersOf(
  connection: DuckDBConnection,
  { from }: TextRows,
  columns: readonly Omit<FormOfColumn, 'verdict'>[],
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (let start = 0; start < columns.length; start += EXPRESSIONS_PER_QUERY) {
    const batch = columns.slice(start, start + EXPRESSIONS_PER_QUERY);
    const selected = batch.map((column) => {
      const number = numberOf(column);
      return `count(*) FILTER (WHERE ${number} IS NOT NULL AND NOT isinf(${number}))`;
    });
    const reader = await connection.runAndReadAll(`SELECT ${selected.join(', ')} FROM ${from}`);
    const figures = reader.getRows()[0] ?? [];
    batch.forEach(({ name }, k) => found.set(name, Number(figures[k])));
  }
  return found;
}
