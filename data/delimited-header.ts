/** The start of a delimited file, as its dialect is found from it. */
export interface DelimitedHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
  /** blank lines before the header */
  readonly blankLines: number;
}

/** More records than these tell nothing new about the delimiter. */
const SNIFFED_RECORDS = 100;

/**
 * Finds the delimiter and the header.
 *
 * The delimiter is the candidate that splits the header into at least two fields and the most records into as
 * many as the header; among equals the one with the most fields, then the first. With none, there is one column.
 * @param start the beginning of the file, with `\n` line ends
 * @param options.isWhole false if the file goes on after `start`
 * @returns null if the header does not end within `start`
 */
export function readHeader(
  start: string,
  {
    delimiters,
    quote,
    isWhole,
  }: { readonly delimiters: readonly string[]; readonly quote: string; readonly isWhole: boolean },
): DelimitedHeader | null {
  const text = start.replace(/^\n+/, '');
  const blankLines = start.length - text.length;
  const candidates = delimiters.map((delimiter) => {
    const records = splitRecords(text, { delimiter, quote, isWhole });
    const [header = [], ...others] = records;
    const agreeing = others.filter((record) => record.length === header.length).length;
    return { delimiter, header, agreement: others.length === 0 ? 1 : agreeing / others.length };
  });
  const splitting = candidates
    .filter(({ header }) => header.length > 1)
    .sort((a, b) => b.agreement - a.agreement || b.header.length - a.header.length);
  // Without an end of the header there is a quote left open, not a file of one column.
  if (splitting.length === 0 && candidates.some(({ header }) => header.length === 0)) return null;
  const best = splitting[0] ?? candidates[0];
  if (best === undefined) return null;
  return { delimiter: best.delimiter, names: best.header, blankLines };
}

/** The first complete records, quotes resolved. */
function splitRecords(
  text: string,
  {
    delimiter,
    quote,
    isWhole,
  }: { readonly delimiter: string; readonly quote: string; readonly isWhole: boolean },
): readonly (readonly string[])[] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let i = 0; i < text.length && records.length < SNIFFED_RECORDS; i++) {
    const char = text.charAt(i);
    if (isQuoted) {
      if (char !== quote) field += char;
      else if (text[i + 1] === quote) field += text.charAt(++i);
      else isQuoted = false;
    } else if (char === quote && field.trim() === '') {
      field = '';
      isQuoted = true;
    } else if (char === delimiter || char === '\n') {
      record.push(field);
      field = '';
      if (char === '\n') {
        if (record.length > 1 || record[0] !== '') records.push(record);
        record = [];
      }
    } else field += char;
  }
  const isCut = !isWhole || isQuoted || (field === '' && record.length === 0);
  if (!isCut && records.length < SNIFFED_RECORDS) records.push([...record, field]);
  return records;
}
