export interface ArffValue {
  readonly text: string;
  readonly isQuoted: boolean;
}

/**
 * The comma-separated values of an ARFF line. Values are trimmed, or stand in single or double quotes, in which a
 * backslash takes the next character as it is.
 * @param options.keepQuotes leaves quotes and backslashes where they are
 * @returns null if a quote is not closed
 */
export function splitArffValues(
  line: string,
  { keepQuotes = false }: { readonly keepQuotes?: boolean } = {},
): readonly ArffValue[] | null {
  const values: ArffValue[] = [];
  let start = 0;
  let quote = '';
  for (let i = 0; i <= line.length; i++) {
    const char = line.charAt(i);
    if (quote !== '') {
      if (i === line.length) return null;
      if (char === '\\') i++;
      else if (char === quote) quote = '';
    } else if (
      (char === "'" || char === '"') &&
      /(^|[\s,{])$/.test(line.slice(Math.max(start, i - 1), i))
    ) {
      quote = char;
    } else if (char === ',' || i === line.length) {
      const text = line.slice(start, i).trim();
      const isQuoted = /^(['"]).*\1$/s.test(text) && text.length > 1;
      values.push({ text: keepQuotes ? text : unquotedArff(text), isQuoted });
      start = i + 1;
    }
  }
  return values;
}

/** A text without the quotes around it, if there are any. */
export function unquotedArff(text: string): string {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  return quoted === null ? text : (quoted[2] ?? '').replaceAll(/\\(.)/gs, '$1');
}
