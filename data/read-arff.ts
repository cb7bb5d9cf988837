import type { Column } from '../core/table.ts';
import { dateParser } from './arff-date.ts';
import { splitArffValues, unquotedArff } from './arff-values.ts';
import type { ArffValue } from './arff-values.ts';
import { checkedColumnNames } from './column-names.ts';
import type { ReadTable } from './column-source.ts';
import { categoricalColumn } from './fetch-table.ts';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';
import { requireSize } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import type { TextSettings } from './text-columns.ts';
import { linesOf } from './text-lines.ts';

export interface ArffOptions {
  readonly texts: TextSettings;
  readonly limits: ReadLimits;
}

/**
 * Reads a Weka attribute-relation file: numeric, nominal, string and date attributes, dense or sparse rows.
 * @param file UTF-8 with `\n` line ends
 * @throws InvalidDatasetError naming the line of a declaration or row that is wrong
 * @see https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/
 */
export async function readArff(file: string, { texts, limits }: ArffOptions): Promise<ReadTable> {
  const tokens = new Set([...texts.missing.everywhere, '?']);
  const attributes: Attribute[] = [];
  let sinks: readonly Sink[] | null = null;
  let line = 0;
  let rows = 0;
  for await (const raw of linesOf(file)) {
    line++;
    const text = raw.trim();
    if (text === '' || text.startsWith('%')) continue;
    const at = (what: string): InvalidDatasetError =>
      new InvalidDatasetError(`line ${line}: ${what}`);
    if (sinks !== null) {
      takeRow(text, { sinks, tokens, at });
      if (++rows % CHECKED_ROWS === 0) requireSize({ rows, columns: sinks.length }, limits);
    } else if (/^@data\b/i.test(text)) {
      sinks = begin(attributes, limits);
    } else if (/^@attribute\b/i.test(text)) {
      attributes.push(parseAttribute(text, at));
      requireSize({ rows: 0, columns: attributes.length }, limits);
    } else if (!/^@relation\b/i.test(text)) {
      throw at(`'${shown(text)}' is none of @relation, @attribute, @data`);
    }
  }
  if (sinks === null) throw new InvalidDatasetError(`no @data line in ${line} lines; expected one`);
  requireSize({ rows, columns: sinks.length }, limits);
  return { rows, columns: sinks.map((sink) => sink.column()), notes: [] };
}

/** Rows after which the size is looked at again. */
const CHECKED_ROWS = 64;

type Fault = (what: string) => InvalidDatasetError;

type Attribute = { readonly name: string } & (
  | { readonly kind: 'numeric' | 'string' }
  | { readonly kind: 'date'; readonly pattern: string }
  | { readonly kind: 'nominal'; readonly values: readonly string[] }
);

function parseAttribute(text: string, at: Fault): Attribute {
  const match = /^@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(.+)$/i.exec(text);
  if (match === null) throw at(`expected '@attribute name type', got '${shown(text)}'`);
  const name = unquotedArff(match[1] ?? '');
  const type = (match[2] ?? '').trim();
  const [word = '', ...rest] = type.split(/\s+/);
  switch (word.toLowerCase()) {
    case 'numeric':
    case 'real':
    case 'integer':
      return { name, kind: 'numeric' };
    case 'string':
      return { name, kind: 'string' };
    case 'date':
      return { name, kind: 'date', pattern: unquotedArff(rest.join(' ')) };
  }
  if (!type.startsWith('{') || !type.endsWith('}')) {
    throw at(
      `attribute '${shown(name)}' has the type '${shown(type)}'; expected numeric, string, date or {values}`,
    );
  }
  const values = splitArffValues(type.slice(1, -1));
  if (values === null)
    throw at(`a quote is not closed in the values of attribute '${shown(name)}'`);
  return { name, kind: 'nominal', values: values.map((value) => value.text) };
}

function begin(attributes: readonly Attribute[], limits: ReadLimits): readonly Sink[] {
  if (attributes.length === 0) {
    throw new InvalidDatasetError('no @attribute line before @data; expected one for every column');
  }
  const names = checkedColumnNames(attributes.map(({ name }) => name));
  requireSize({ rows: 0, columns: names.length }, limits);
  return attributes.map((attribute, j) => sinkOf({ ...attribute, name: names[j] ?? '' }));
}

function takeRow(
  text: string,
  {
    sinks,
    tokens,
    at,
  }: { readonly sinks: readonly Sink[]; readonly tokens: ReadonlySet<string>; readonly at: Fault },
): void {
  const values = text.startsWith('{')
    ? sparseRow(text, { sinks, at })
    : denseRow(text, { sinks, at });
  sinks.forEach((sink, j) => {
    const value = values[j];
    if (value === undefined) sink.take(sink.zero);
    else if (!value.isQuoted && tokens.has(value.text)) sink.take(null);
    else if (!sink.take(value.text)) {
      throw at(`'${shown(value.text)}' in column '${shown(sink.name)}' is not ${sink.expected}`);
    }
  });
}

interface RowContext {
  readonly sinks: readonly Sink[];
  readonly at: Fault;
}

function denseRow(text: string, { sinks, at }: RowContext): readonly ArffValue[] {
  const values = splitArffValues(text);
  if (values === null) throw at('a quote is not closed');
  if (values.length === sinks.length) return values;
  throw at(`${values.length} values; expected ${sinks.length}, one for each attribute`);
}

/** `{position value, …}`, positions from 0; what is left out is 0 or the first nominal value. */
function sparseRow(text: string, { sinks, at }: RowContext): readonly (ArffValue | undefined)[] {
  const end = text.lastIndexOf('}');
  const inner = text.slice(1, end < 0 ? undefined : end).trim();
  const values = new Array<ArffValue | undefined>(sinks.length).fill(undefined);
  for (const { text: pair, isQuoted } of inner === ''
    ? []
    : (splitArffValues(inner, { keepQuotes: true }) ?? [])) {
    const match = /^(\d+)\s+(.+)$/.exec(pair);
    const position = Number(match?.[1]);
    if (match === null || isQuoted || position >= sinks.length) {
      throw at(
        `'${shown(pair)}' in a sparse row; expected a position below ${sinks.length} and a value`,
      );
    }
    const given = match[2] ?? '';
    values[position] = { text: unquotedArff(given), isQuoted: /^['"]/.test(given) };
  }
  return values;
}

/** Collects the values of one column. */
interface Sink {
  readonly name: string;
  readonly expected: string;
  /** what a sparse row means when it leaves the column out */
  readonly zero: string | null;
  /** @returns false if the text is not a value of this column */
  take(text: string | null): boolean;
  column(): Column;
}

function sinkOf(attribute: Attribute): Sink {
  const { name } = attribute;
  if (attribute.kind === 'numeric') {
    return numberSink({
      name,
      kind: 'numeric',
      expected: 'a number',
      zero: '0',
      parse: parseNumber,
    });
  }
  if (attribute.kind === 'date') {
    const { parse, pattern } = dateParser(attribute.pattern);
    return numberSink({
      name,
      kind: 'time',
      expected: `a date of the form ${shown(pattern)}`,
      zero: null,
      parse,
    });
  }
  const declared = attribute.kind === 'nominal' ? attribute.values : null;
  return categorySink(name, declared);
}

function numberSink(column: {
  readonly name: string;
  readonly kind: 'numeric' | 'time';
  readonly expected: string;
  readonly zero: string | null;
  readonly parse: (text: string) => number | null;
}): Sink {
  const { name, kind, expected, zero, parse } = column;
  const values: number[] = [];
  return {
    name,
    expected,
    zero,
    take: (text) => {
      const value = text === null ? NaN : parse(text);
      if (value !== null) values.push(Number.isFinite(value) ? value : NaN);
      return value !== null;
    },
    column: () => ({ kind, name, values: Float64Array.from(values) }),
  };
}

/** Of the declared values of a column, in a message. */
const SHOWN_VALUES = 10;

function categorySink(name: string, declared: readonly string[] | null): Sink {
  const allowed = declared === null ? null : new Set(declared);
  const codes: number[] = [];
  const codeOf = new Map<string, number>();
  return {
    name,
    expected:
      declared === null
        ? 'a text'
        : `one of its declared values: ${declared
            .slice(0, SHOWN_VALUES)
            .map((value) => shown(value))
            .join(', ')}`,
    zero: declared?.[0] ?? null,
    take: (text) => {
      if (text !== null && allowed?.has(text) === false) return false;
      const code = text === null ? -1 : (codeOf.get(text) ?? codeOf.size);
      if (text !== null) codeOf.set(text, code);
      codes.push(code);
      return true;
    },
    column: () => categoricalColumn(name, Int32Array.from(codes), [...codeOf.keys()]),
  };
}

function parseNumber(text: string): number | null {
  if (/^[+-]?(inf(inity)?|nan)$/i.test(text)) return NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}
