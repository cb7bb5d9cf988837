import { InvalidDatasetError, shown } from './invalid-dataset.ts';

const DEFAULT_PATTERN = "yyyy-MM-dd'T'HH:mm:ss";

const FIELDS: Readonly<Record<string, string>> = {
  y: '(?<year>\\d{4})',
  M: '(?<month>\\d{1,2})',
  d: '(?<day>\\d{1,2})',
  H: '(?<hour>\\d{1,2})',
  m: '(?<minute>\\d{1,2})',
  s: '(?<second>\\d{1,2})',
  S: '(?<millisecond>\\d{1,3})',
};

/**
 * A parser of dates in a pattern of Java's SimpleDateFormat, of which ARFF declarations use the numeric fields
 * `y M d H m s S`. Dates are UTC.
 * @param pattern '' for ARFF's default, ISO 8601 to the second
 * @returns a parser that gives ms since the epoch, or null for what is not such a date
 * @throws InvalidDatasetError if the pattern has other fields, or one of them twice
 */
export function dateParser(pattern: string): {
  readonly pattern: string;
  readonly parse: (text: string) => number | null;
} {
  const used = pattern === '' ? DEFAULT_PATTERN : pattern;
  const seen = new Set<string>();
  const expression = used.replaceAll(
    /'([^']*)'|([a-zA-Z])\2*|[^a-zA-Z']/g,
    (part, literal, letter) => {
      if (typeof literal === 'string') return escaped(literal);
      if (typeof letter !== 'string') return escaped(part);
      const field = FIELDS[letter];
      if (field === undefined || seen.has(letter)) {
        throw new InvalidDatasetError(
          `the date format '${shown(used)}' has the field '${shown(part)}'${field === undefined ? '' : ' twice'}; expected y, M, d, H, m, s and S, each once at most`,
        );
      }
      seen.add(letter);
      return field;
    },
  );
  const matcher = new RegExp(`^${expression}$`);
  return { pattern: used, parse: (text) => millisecondsOf(matcher.exec(text)?.groups) };
}

function millisecondsOf(groups: Readonly<Record<string, string>> | undefined): number | null {
  if (groups === undefined) return null;
  const field = (name: string, fallback: number): number => Number(groups[name] ?? fallback);
  const [year, month, day] = [field('year', 1970), field('month', 1) - 1, field('day', 1)];
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(
    field('hour', 0),
    field('minute', 0),
    field('second', 0),
    field('millisecond', 0),
  );
  const isReal = date.getUTCMonth() === month && date.getUTCDate() === day;
  return isReal ? date.getTime() : null;
}

function escaped(literal: string): string {
  return literal.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
