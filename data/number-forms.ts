import { sqlString } from './duckdb.ts';

/** The sign before the decimals of a number. */
export type DecimalSign = '.' | ',';

/*
 * Numbers as people write them: digits in groups of three (2,390.31 2.390,31 2 390.31 2'390.31), a currency before or
 * behind them, a minus of any sort, before, behind or as brackets, and a percent sign, which divides by 100.
 * All expressions are of RE2, which DuckDB uses, and every one takes time in proportion to the text.
 */

/** Spaces that group digits: usual, no-break, thin and narrow no-break. */
const SPACES = String.raw` \x{A0}\x{2009}\x{202F}`;
const APOSTROPHES = String.raw`'\x{2019}`;

/** Hyphen and minus sign. */
const MINUS = String.raw`-\x{2212}`;

/** Currency signs, also those of several dollars (US$, R$), and the codes and words that stand beside amounts most often. */
const CURRENCY =
  String.raw`(?:[A-Z]{0,2}\p{Sc}|AUD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KRW|MXN|MYR|` +
  String.raw`NGN|NOK|NZD|PEN|PHP|PLN|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR|AED|Fr\.|kr|z\x{142}|K\x{10D}|Ft)`;

const BEFORE = `^\\(?[${MINUS}+]?[${SPACES}]?${CURRENCY}?[${SPACES}]?[${MINUS}+]?`;
const BEHIND = `[${SPACES}]?%?[${SPACES}]?${CURRENCY}?[${MINUS}]?\\)?$`;
const EXPONENT = '(?:[eE][+-]?[0-9]+)?';

/** Digits with signs between them, whatever these mean; the first group of what is matched is the number itself. */
const ANY_NUMBER = `${BEFORE}([0-9.,][0-9.,${SPACES}${APOSTROPHES}]*${EXPONENT})${BEHIND}`;

/** The same with the meaning of the signs decided. */
function numberWith(decimal: DecimalSign): string {
  const point = decimal === '.' ? '\\.' : ',';
  const comma = decimal === '.' ? ',' : '\\.';
  const groups = `(?:(?:${comma}[0-9]{3})+|(?:[${SPACES}][0-9]{3})+|(?:[${APOSTROPHES}][0-9]{3})+)`;
  const grouped = `[0-9]{1,3}${groups}(?:${point}[0-9]*)?`;
  const plain = `[0-9]+(?:${point}[0-9]*)?|${point}[0-9]+`;
  return `${BEFORE}((?:${grouped}|${plain})${EXPONENT})${BEHIND}`;
}

const matches = (sql: string, expression: string): string =>
  `regexp_matches(${sql}, ${sqlString(expression)})`;

const extracted = (sql: string, expression: string): string =>
  `regexp_extract(${sql}, ${sqlString(expression)}, 1)`;

/** SQL of a text's value as a plain number such as -2.5e3, or NULL. DuckDB would take 2024_01 for one. */
export const plainNumber = (sql: string): string => `TRY_CAST(replace(${sql}, '_', '?') AS DOUBLE)`;

/** SQL of whether a text is a number in any of the ways in which people write one. */
export const looksLikeNumber = (sql: string): string => matches(sql, ANY_NUMBER);

/** SQL of whether a number says how many of a hundred. */
export const isPercentage = (sql: string): string => `contains(${sql}, '%')`;

/** SQL of the currency that stands beside a number, or NULL. */
export const currencyOf = (sql: string): string =>
  `nullif(regexp_extract(${sql}, ${sqlString(CURRENCY)}), '')`;

/**
 * SQL of the value of a number as people write it, or NULL where the text is none.
 * @param decimal the sign before its decimals
 */
export function writtenNumber(sql: string, decimal: DecimalSign): string {
  const core = extracted(sql, numberWith(decimal));
  const other = decimal === '.' ? ',' : '.';
  const digits = `replace(translate(${core}, concat(${sqlString(`${other} '`)}, chr(160), chr(8201), chr(8239), chr(8217)), ''), ${sqlString(decimal)}, '.')`;
  const sign = `CASE WHEN ${matches(sql, `^[^0-9]*[${MINUS}(]|[${MINUS}]\\)?$`)} THEN '-' ELSE '' END`;
  // As an exponent, so that 95.6% is the double nearest to 0.956.
  const percent = `CASE WHEN ${isPercentage(sql)} THEN 'e-2' ELSE '' END`;
  return `TRY_CAST(concat(${sign}, ${digits}, ${percent}) AS DOUBLE)`;
}

/** SQL of whether a text is a number that only this sign before the decimals makes sense of. */
export function isEvidenceFor(sql: string, decimal: DecimalSign): string {
  const point = decimal === '.' ? '\\.' : ',';
  const comma = decimal === '.' ? ',' : '\\.';
  const forms = [
    // Decimals that are no group of three digits, or behind more digits than a first group has, or behind a zero.
    `[0-9]+${point}(?:[0-9]{0,2}|[0-9]{4,})`,
    `(?:[0-9]{4,}|0[0-9]*)${point}[0-9]{3}`,
    `${point}[0-9]+`,
    // The other sign between groups, twice or before decimals.
    `[0-9]{1,3}(?:${comma}[0-9]{3}){2,}`,
    `[0-9]{1,3}(?:${comma}[0-9]{3})+${point}[0-9]*`,
    `[0-9]{1,3}(?:[${SPACES}${APOSTROPHES}][0-9]{3})+${point}[0-9]*`,
    `[0-9]+${point}[0-9]+[eE][+-]?[0-9]+`,
  ];
  return matches(sql, `${BEFORE}((?:${forms.join('|')})${EXPONENT})${BEHIND}`);
}

/** SQL of whether a text may be a number with three decimals, or one of thousands: 2.390, with `sign` between. */
export function isThreeBehind(sql: string, sign: DecimalSign): string {
  const between = sign === '.' ? '\\.' : ',';
  return matches(sql, `${BEFORE}([1-9][0-9]{0,2}${between}[0-9]{3})${BEHIND}`);
}

/** SQL of whether a text is a whole number above 999 without signs between its digits. */
export const isUngroupedThousand = (sql: string): string =>
  matches(sql, `${BEFORE}([1-9][0-9]{3,})${BEHIND}`);
