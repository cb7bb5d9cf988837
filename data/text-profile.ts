import type { DuckDBConnection } from '@duckdb/node-api';
import { isOneOf, LONG_ROWS, unnested } from './clean-texts.ts';
import { EXPRESSIONS_PER_QUERY } from './fetch-table.ts';
import type { CodeSign } from './kind-of-texts.ts';
import {
  currencyOf,
  isEvidenceFor,
  isPercentage,
  isThreeBehind,
  isUngroupedThousand,
  looksLikeNumber,
  plainNumber,
} from './number-forms.ts';

/** Rows of texts that a connection reaches. */
export interface TextRows {
  /** SQL of a FROM clause */
  readonly from: string;
  /** SQL of a row's position, from 0 */
  readonly rowNumber: string;
  readonly rows: number;
}

/** How the values of a column are written: counts of values. */
export interface TextProfile {
  readonly present: number;
  /** missing among numbers */
  readonly blank: number;
  readonly plain: number;
  /** of these, beyond the largest double */
  readonly overflow: number;
  /** that hold a digit; not counted where all are plain numbers */
  readonly digits: number;
  readonly times: number;
  readonly oddYears: number;
  readonly booleans: number;
  /** that look like numbers in any form, plain ones among them */
  readonly numberLike: number;
  readonly codes: Exclude<CodeSign, 'year'> | null;
  /** they are few, and each is as short as the numbers of versions are */
  readonly mayBeVersions: boolean;
  readonly signs: SignCounts;
}

/** What the signs between digits tell: counts of values. */
export interface SignCounts {
  readonly dot: number;
  readonly comma: number;
  /** such as 2.390 and 2,390 */
  readonly dotThree: number;
  readonly commaThree: number;
  /** whole numbers above 999 without signs */
  readonly ungrouped: number;
  readonly percentages: number;
  readonly currencies: number;
}

/** Of values without digits. */
export const NO_SIGNS: SignCounts = {
  ...{ dot: 0, comma: 0, dotThree: 0, commaThree: 0, ungrouped: 0, percentages: 0, currencies: 0 },
};

/** SQL of a text's time in milliseconds since the epoch, or NULL. */
export const timeOfText = (sql: string): string =>
  // As TIMESTAMP, DuckDB would ignore an offset; and it would take 3-2-1 and 'epoch' for dates.
  `CAST(epoch_ms(TRY_CAST(regexp_extract(${sql}, '^\\d{4}[-/].*') AS TIMESTAMPTZ)) AS DOUBLE)`;

const countIf = (condition: string): string => `count(*) FILTER (WHERE ${condition})`;

type Ask = (sql: string) => string;

const FORMS = {
  present: (sql: string) => `count(${sql})`,
  plain: (sql: string) => `count(${plainNumber(sql)})`,
};

/** From here on doubles do not tell whole numbers apart. */
export const FIRST_INEXACT = 2 ** 53;

/** What the plain numbers of a column are like, in bits that `bit_or` brings together. */
const BITS = {
  ...{ zero: 1, huge: 2, plus: 4, dot: 8, dotThree: 16, ungrouped: 32, long: 64, overflow: 128 },
} as const;

const isDigit = (sql: string): string => `${sql} BETWEEN '0' AND '9'`;

/** Of plain numbers only, and without regular expressions, which take long to compile. */
function bitsOf(sql: string): string {
  const digits = `ltrim(${sql}, '+-')`;
  const isExponential = `contains(lower(${sql}), 'e')`;
  const isThree = `length(${digits}) - strpos(${digits}, '.') = 3 AND strpos(${digits}, '.') BETWEEN 2 AND 4 AND ${digits}[1] <> '0' AND NOT ${isExponential}`;
  return `CASE
    WHEN contains(${sql}, '.') THEN
      CASE WHEN ${isThree} THEN ${BITS.dotThree} ELSE ${BITS.dot} END
      + CASE WHEN length(${sql}) > 7 OR strpos(${sql}, '.') > 4 OR NOT ${isDigit(`${sql}[1]`)} THEN ${BITS.long} ELSE 0 END
    WHEN isinf(${plainNumber(sql)}) AND ${isDigit(`${sql}[-1]`)} THEN ${BITS.overflow + BITS.long}
    WHEN ${isExponential} THEN ${BITS.long}
    WHEN ${digits}[1] = '0' AND ${isDigit(`${digits}[2]`)} THEN ${BITS.zero + BITS.long}
    WHEN ${sql}[1] = '+' AND length(${sql}) > 7 THEN ${BITS.plus + BITS.long}
    WHEN length(${sql}) > 15 AND abs(${plainNumber(sql)}) >= ${FIRST_INEXACT} THEN ${BITS.huge + BITS.long}
    WHEN length(${digits}) > 3 AND ${isDigit(`${digits}[1]`)} THEN ${BITS.ungrouped + BITS.long}
    ELSE ${BITS.long} END`;
}

const PLAIN_NUMBERS = {
  bits: (sql: string) =>
    `bit_or(CASE WHEN ${plainNumber(sql)} IS NOT NULL THEN ${bitsOf(sql)} END)`,
};

const OVERFLOW = {
  overflow: (sql: string) =>
    countIf(`isinf(${plainNumber(sql)}) AND regexp_matches(${sql}, '[0-9]')`),
};

const SIGNS = {
  dot: (sql: string) => countIf(isEvidenceFor(sql, '.')),
  comma: (sql: string) => countIf(isEvidenceFor(sql, ',')),
  dotThree: (sql: string) => countIf(isThreeBehind(sql, '.')),
  commaThree: (sql: string) => countIf(isThreeBehind(sql, ',')),
  ungrouped: (sql: string) => countIf(isUngroupedThousand(sql)),
  percentages: (sql: string) => countIf(`${isPercentage(sql)} AND ${looksLikeNumber(sql)}`),
  currencies: (sql: string) =>
    `count(DISTINCT CASE WHEN ${looksLikeNumber(sql)} THEN ${currencyOf(sql)} END)`,
};

/** Not a year that people date things by, nor what databases write for an open end. */
const isOddYear = (sql: string): string =>
  `(${sql} < '1500' OR ${sql} >= '2501') AND ${timeOfText(sql)} IS NOT NULL AND NOT (prefix(${sql}, '0001-01-01') OR prefix(${sql}, '9999-12-31'))`;

const TIMES = {
  present: FORMS.present,
  times: (sql: string) => `count(${timeOfText(sql)})`,
  oddYears: (sql: string) => countIf(isOddYear(sql)),
};

export interface ProfileOptions {
  /** texts that are missing among numbers */
  readonly blanks: readonly string[];
  /** profiles of some of the rows, which say what to ask first; absent: nothing is known */
  readonly sampled?: readonly TextProfile[] | undefined;
}

/**
 * How the values of columns of text are written.
 * @param columns SQL of their texts
 * @returns in the order of the columns
 */
export async function profileTexts(
  connection: DuckDBConnection,
  { from, rows }: Pick<TextRows, 'from' | 'rows'>,
  columns: readonly string[],
  { blanks, sampled }: ProfileOptions,
): Promise<readonly TextProfile[]> {
  const profiles = columns.map((): Mutable => ({ ...NOTHING }));
  const ask = async <K extends string>(
    isAsked: (profile: TextProfile) => boolean,
    forms: Readonly<Record<K, Ask>>,
    take: (profile: Mutable, figures: Readonly<Record<K, number>>) => void,
  ): Promise<void> => {
    const of = [...profiles.keys()].filter((j) => isAsked(profiles[j] as Mutable));
    const found = await askEach(connection, { from, rows }, { columns, of, forms });
    for (const [j, figures] of found) take(profiles[j] as Mutable, figures);
  };
  // What costs most is asked of the fewest columns.
  const askTimes = (isAsked: (profile: TextProfile) => boolean): Promise<void> =>
    ask(isAsked, TIMES, (profile, figures) => Object.assign(profile, figures));
  const mayBeTimes = new Set(
    profiles.filter((_, j) => {
      const { times = 0, present = 0 } = sampled?.[j] ?? {};
      return times > 0 && times === present;
    }),
  );
  await askTimes((profile) => mayBeTimes.has(profile));
  await ask(
    ({ present, times }) => times === 0 || times < present,
    FORMS,
    (profile, { present, plain }) => Object.assign(profile, { present, plain, numberLike: plain }),
  );
  await ask(({ plain }) => plain > 0, PLAIN_NUMBERS, takeBits);
  await ask(
    ({ overflow }) => overflow > 0,
    OVERFLOW,
    (profile, { overflow }) => {
      profile.overflow = overflow;
    },
  );
  const isOther = ({ present, plain, times }: TextProfile): boolean =>
    plain < present && times < present;
  const texts = {
    digits: (sql: string) => countIf(`regexp_matches(${sql}, '[0-9]')`),
    blank: (sql: string) => (blanks.length === 0 ? '0' : countIf(isOneOf(sql, blanks))),
    booleans: (sql: string) => countIf(`regexp_matches(${sql}, '^(?i:true|false)$')`),
  };
  await ask(isOther, texts, (profile, figures) => Object.assign(profile, figures));
  await askTimes((profile) => isOther(profile) && isMostlyDigits(profile));
  await ask(
    (profile) => isOther(profile) && isMostlyDigits(profile),
    { numberLike: (sql) => countIf(looksLikeNumber(sql)) },
    (profile, { numberLike }) => {
      profile.numberLike = Math.max(profile.plain, numberLike);
    },
  );
  const isWritten = (profile: TextProfile): boolean =>
    isMostlyNumbers(profile) && profile.numberLike > profile.plain;
  await ask(isWritten, SIGNS, (profile, figures) => {
    profile.signs = figures;
  });
  for (const [j, profile] of profiles.entries()) {
    if (!profile.mayBeVersions || profile.plain !== profile.present) continue;
    const found = await versionsIn(connection, from, columns[j] ?? '', profile.present);
    profile.mayBeVersions = found.areFew;
    if (found.areVersions) profile.codes = 'version';
  }
  return profiles;
}

type Mutable = { -readonly [K in keyof TextProfile]: TextProfile[K] };

/** Of a column without a value. */
export const NOTHING: TextProfile = {
  ...{ present: 0, plain: 0, overflow: 0, blank: 0, digits: 0, times: 0, oddYears: 0 },
  ...{ booleans: 0, numberLike: 0, codes: null, mayBeVersions: false, signs: NO_SIGNS },
};

function takeBits(profile: Mutable, { bits }: { readonly bits: number }): void {
  const has = (bit: number): boolean => (bits & bit) !== 0;
  const { zero, huge, plus, dot, dotThree, ungrouped, long, overflow } = BITS;
  profile.codes = has(zero) ? 'zero' : has(huge) ? 'huge' : has(plus) ? 'plus' : null;
  profile.mayBeVersions = !has(long);
  profile.overflow = Number(has(overflow));
  // That there is one is all that matters where all numbers are plain.
  const one = (bit: number): number => Number(has(bit));
  profile.signs = {
    ...NO_SIGNS,
    dot: one(dot),
    dotThree: one(dotThree),
    ungrouped: one(ungrouped),
  };
}

/** Whether a column may hold numbers in any form, or dates, for all that is known of its values. */
export const isMostlyDigits = ({ present, digits, blank }: TextProfile): boolean =>
  digits > 0 && 2 * (digits + blank) >= present;

/** Whether a column may be numeric, for all that is known of its values. */
export const isMostlyNumbers = (profile: TextProfile | null): boolean =>
  profile !== null &&
  profile.numberLike > 0 &&
  2 * (profile.numberLike + profile.blank) >= profile.present;

type Asked<K extends string> = ReadonlyMap<number, Readonly<Record<K, number>>>;

/** Some figures of some columns, in as few queries as are planned fast. */
async function askEach<K extends string>(
  connection: DuckDBConnection,
  { from, rows }: Pick<TextRows, 'from' | 'rows'>,
  asked: {
    readonly columns: readonly string[];
    readonly of: readonly number[];
    readonly forms: Readonly<Record<K, Ask>>;
  },
): Promise<Asked<K>> {
  const keys = Object.keys(asked.forms) as K[];
  const found = new Map<number, Readonly<Record<K, number>>>();
  const isShort = rows < LONG_ROWS;
  const perQuery = isShort
    ? EXPRESSIONS_PER_QUERY
    : Math.max(1, Math.floor(EXPRESSIONS_PER_QUERY / keys.length));
  const take = (j: number, figures: readonly unknown[]): void => {
    const own = keys.map((key, i) => [key, Number(figures[i] ?? 0)]);
    found.set(j, Object.fromEntries(own) as Record<K, number>);
  };
  const formsOf = (sql: string): readonly string[] => keys.map((key) => asked.forms[key](sql));
  for (let start = 0; start < asked.of.length; start += perQuery) {
    const batch = asked.of.slice(start, start + perQuery);
    if (isShort) {
      const texts = unnested(from, batch, asked.columns);
      const query = `SELECT j, ${formsOf('t').join(', ')} FROM ${texts} GROUP BY j`;
      const reader = await connection.runAndReadAll(query);
      for (const [j, ...figures] of reader.getRows()) take(Number(j), figures);
      continue;
    }
    const selected = batch.flatMap((j) => formsOf(asked.columns[j] ?? ''));
    const reader = await connection.runAndReadAll(`SELECT ${selected.join(', ')} FROM ${from}`);
    const figures = reader.getRows()[0] ?? [];
    batch.forEach((j, k) => {
      take(j, figures.slice(k * keys.length, (k + 1) * keys.length));
    });
  }
  return found;
}

/** Versions are few, each of them on several rows. */
const MOST_VERSIONS = 100;

/** Whether so many different values may be versions. */
export const areFewVersions = (different: number, present: number): boolean =>
  different <= MOST_VERSIONS && 2 * different <= present;

async function versionsIn(
  connection: DuckDBConnection,
  from: string,
  sql: string,
  present: number,
): Promise<{ readonly areFew: boolean; readonly areVersions: boolean }> {
  const reader = await connection.runAndReadAll(
    `SELECT count(DISTINCT ${sql}), count(DISTINCT rtrim(${sql}, '0')),
            count(*) FILTER (WHERE NOT regexp_matches(${sql}, '^[0-9]{1,3}\\.[0-9]{1,3}$')) FROM ${from}`,
  );
  const [different = 0, withoutZeros = 0, longer = 0] = (reader.getRows()[0] ?? []).map(Number);
  const areFew = areFewVersions(different, present) && longer === 0;
  return { areFew, areVersions: areFew && withoutZeros < different };
}
