import type { DuckDBConnection } from '@duckdb/node-api';
import { findMissing, withoutMissing } from './clean-texts.ts';
import type { DelimitedHeader } from './delimited-header.ts';
import { columnAlias } from './duckdb.ts';
import { readPieces } from './read-pieces.ts';
import type { TextSettings } from './text-columns.ts';
import { FIRST_INEXACT, isMostlyNumbers, profileTexts } from './text-profile.ts';

/** Rows at the start of a long file that tell which of its columns are numbers. */
export const LOOK_AHEAD_ROWS = 1000;

const HEAD = { from: 'head', rows: LOOK_AHEAD_ROWS } as const;

/** What the first rows of a file say of all of them. */
export interface ExpectedNumbers {
  /** indices of the columns that hold plain numbers, none of which looks like a code */
  readonly numeric: ReadonlySet<number>;
  /** what stands for a missing value in one of these */
  readonly missing: readonly string[];
  /** numbers in any column that only a dot before the decimals makes sense of, where none asks for a comma */
  readonly dots: number;
}

export interface LookingAhead {
  readonly header: DelimitedHeader;
  readonly texts: TextSettings;
  readonly hasNumbers?: ReadonlySet<number> | undefined;
}

/** Which columns of the table `head`, all of text, hold nothing but numbers that are read as they are written. */
export async function lookAhead(
  connection: DuckDBConnection,
  { header, texts, hasNumbers }: LookingAhead,
): Promise<ExpectedNumbers> {
  const { signs, missing, expected } = texts;
  const aliases = header.names.map((_, j) => columnAlias(j));
  const found = await findMissing(connection, HEAD, aliases, missing);
  const sql = aliases.map((alias, j) => withoutMissing(alias, found[j] ?? new Map()));
  const profiles = await profileTexts(connection, HEAD, sql, {
    blanks: missing.amongNumbers,
  });
  const numbers = profiles.filter(isMostlyNumbers);
  const commas = numbers.reduce((sum, each) => sum + each.signs.comma, 0);
  const dots = commas > 0 ? 0 : numbers.reduce((sum, each) => sum + each.signs.dot, 0);
  const isDecimalPoint = signs.decimal !== ',' && signs.thousands !== '.';
  const numeric = new Set<number>();
  profiles.forEach(({ present, plain, overflow, codes, mayBeVersions, signs: own }, j) => {
    const { declared, known } = expected(header.names[j] ?? '');
    const isNumber = present > 0 && plain === present && overflow === 0;
    const isText = declared === 'text' || declared === 'time' || known === 'categorical';
    const isCode = (codes !== null || mayBeVersions) && declared !== 'numeric';
    const isClear = own.dotThree === 0 || dots > 0 || (hasNumbers?.has(j) ?? false);
    if (isDecimalPoint && isNumber && !isText && !isCode && isClear) numeric.add(j);
  });
  const tokens = [...numeric].flatMap((j) => [...(found[j]?.keys() ?? [])]);
  return { numeric, missing: [...new Set(tokens)], dots };
}

/** Texts of a file that DuckDB would take for numbers, and we do not: counts in all its bytes. */
export interface SignsOfText {
  readonly underscores: number;
  /** fields that begin with a zero before a digit, or with a plus */
  readonly codes: number;
}

const [UNDERSCORE, ZERO, NINE, PLUS, MINUS, SPACE, LF, QUOTE] = [
  ...[0x5f, 0x30, 0x39, 0x2b, 0x2d, 0x20, 0x0a, 0x22],
] as const;

/** @param delimiter of one byte; of another one, texts in quotes may be counted that are no fields */
export async function signsOfTextIn(file: string, delimiter: string): Promise<SignsOfText> {
  const between = delimiter.charCodeAt(0);
  const found = { underscores: 0, codes: 0 };
  let bytes = Buffer.from([LF]);
  let from = 1;
  for await (const piece of readPieces(file)) {
    bytes = Buffer.concat([bytes, piece]);
    // What may be a code is decided with the bytes around it.
    const to = Math.max(from, bytes.length - KEPT_BYTES);
    countSigns(bytes, { from, to }, between, found);
    const start = Math.max(0, to - KEPT_BYTES);
    bytes = bytes.subarray(start);
    from = to - start;
  }
  countSigns(bytes, { from, to: bytes.length }, between, found);
  return found;
}

/** Before and after a byte, so many decide what it is; more spaces before a code are not looked through. */
const KEPT_BYTES = 64;

function countSigns(
  bytes: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
  between: number,
  found: { underscores: number; codes: number },
): void {
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    if (byte === ZERO) {
      const next = bytes[i + 1] ?? 0;
      if (next >= ZERO && next <= NINE && beginsField(bytes, i, between)) found.codes++;
    } else if (byte === UNDERSCORE) found.underscores++;
    else if (byte === PLUS && beginsField(bytes, i, between)) found.codes++;
  }
}

/** Whether nothing but spaces and a sign stands between a byte and the start of its field. */
function beginsField(bytes: Uint8Array, at: number, between: number): boolean {
  let i = at - 1;
  if (bytes[at] === ZERO && (bytes[i] === MINUS || bytes[i] === PLUS)) {
    if (bytes[i] === PLUS) return false;
    i--;
  }
  while (i >= 0 && bytes[i] === SPACE) i--;
  return i < 0 || bytes[i] === between || bytes[i] === LF || bytes[i] === QUOTE;
}

/** Whether columns that were read as numbers hold what their texts stand for, to the last row. */
export async function holdsToTheEnd(
  connection: DuckDBConnection,
  {
    form: { header, hasNumbers },
    expected: { numeric, dots },
    inFile,
  }: {
    readonly form: LookingAhead;
    readonly expected: ExpectedNumbers;
    readonly inFile: SignsOfText;
  },
): Promise<boolean> {
  const inNames = header.names.reduce((sum, name) => sum + name.split('_').length - 1, 0);
  if (inFile.underscores !== inNames || inFile.codes > 0) {
    const texts = header.names.flatMap((_, j) => (numeric.has(j) ? [] : [columnAlias(j)]));
    const inTexts = await figures(connection, texts.flatMap(SIGNS_IN_TEXT));
    const sum = (offset: number): number =>
      texts.reduce((total, _, k) => total + (inTexts[2 * k + offset] ?? 0), 0);
    // All that is in the file must be found elsewhere than in the numbers.
    if (inFile.underscores !== inNames + sum(0) || inFile.codes !== sum(1)) return false;
  }
  for (const j of numeric) {
    const alias = columnAlias(j);
    // One condition a query: those of which a group of rows has no value are not read.
    for (const condition of [`${alias} >= ${FIRST_INEXACT}`, `${alias} <= -${FIRST_INEXACT}`]) {
      const [beyond = 0] = await figures(
        connection,
        ['count(*)'],
        `${condition} AND NOT isnan(${alias})`,
      );
      if (beyond > 0) return false;
    }
    if (dots > 0 || (hasNumbers?.has(j) ?? false)) continue;
    const [broken = 0] = await figures(connection, ['count(*)'], `${alias} <> trunc(${alias})`);
    if (broken > 0) return false;
  }
  return true;
}

const SIGNS_IN_TEXT = (alias: string): readonly string[] => [
  `sum(length(${alias}) - length(replace(${alias}, '_', '')))`,
  `count(*) FILTER (WHERE regexp_matches(${alias}, '^(-?0[0-9]|\\+)'))`,
];

async function figures(
  connection: DuckDBConnection,
  expressions: readonly string[],
  condition = 'true',
): Promise<readonly number[]> {
  if (expressions.length === 0) return [];
  const reader = await connection.runAndReadAll(
    `SELECT ${expressions.join(', ')} FROM data WHERE ${condition}`,
  );
  return (reader.getRows()[0] ?? []).map(Number);
}
