/** The characters that JSON is built of. */
export const JSON_BYTES = {
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  open: 0x7b,
  close: 0x7d,
} as const;

/** Of a number, as it is written. */
export const MAX_WORD = 400;

/** Python writes the last three, which are no JSON. */
const LITERAL = /^(true|false|null|-?inf(inity)?|nan)$/i;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

/** Whether a text without quotes around it is a value: a number, true, false, null, NaN or Infinity. */
export const isJsonWord = (word: string): boolean => NUMBER.test(word) || LITERAL.test(word);

const { tab, lineFeed, carriageReturn, space, quote, comma, colon } = JSON_BYTES;
const { openList, closeList, open, close } = JSON_BYTES;
const ENDS_OF_WORDS = new Set<number>([
  ...[tab, lineFeed, carriageReturn, space, quote, comma, colon],
  ...[openList, closeList, open, close],
]);

export const endsWord = (byte: number): boolean => ENDS_OF_WORDS.has(byte);

const LONE_SURROGATE = /\p{Surrogate}/u;

/** A text of which the escapes are resolved, or what is wrong with it. */
export type UnescapedJson =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fault'; readonly what: string };

/** @param escaped what stands between the quotes, without control characters */
export function unescapedJson(escaped: string): UnescapedJson {
  const fault = (what: string): UnescapedJson => ({ kind: 'fault', what });
  let text: string;
  try {
    text = JSON.parse(`"${escaped}"`) as string;
  } catch {
    return fault('holds an escape other than \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX');
  }
  if (text.includes('\0')) return fault('holds the character NUL, which no text may hold');
  if (LONE_SURROGATE.test(text)) {
    return fault('holds half of a surrogate pair, which is no character');
  }
  return { kind: 'text', text };
}
