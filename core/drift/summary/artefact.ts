import {
  arrayOf,
  decodeContainer,
  encodeContainer,
  isCount,
  isRecord,
  type Container,
  type TypedArray,
} from '../../models/artefact/container.ts';
import type { Column } from '../../table.ts';
import type { CategorySummary } from './category-summary.ts';
import type { Course } from './course.ts';
import type { ValueCounts } from './few-values.ts';
import type { NumberSummary } from './number-summary.ts';
import type { ChunkDispersion, DispersionCurve } from '../../stats/row-dependence.ts';
import type { ColumnSummary, TableSummary } from './table-summary.ts';

const KIND = 'table summary';

/** Changes with whatever a summary holds or how it is made, so that summaries of two versions never meet. */
export const SUMMARY_VERSION = 2;

/** The summary as bytes, the same ones for equal summaries. */
export function encodeSummary({ rows, columns, sample, repeatedRows }: TableSummary): Uint8Array {
  const arrays: Record<string, TypedArray> = {};
  columns.forEach((column, j) => {
    arrays[`column ${j}`] = column.kind === 'categorical' ? column.counts : column.sample.values;
  });
  sample.columns.forEach((column, j) => {
    arrays[`rows ${j}`] = column.kind === 'categorical' ? column.codes : column.values;
  });
  const meta: Meta = {
    version: SUMMARY_VERSION,
    rows,
    ...(repeatedRows === undefined ? {} : { repeatedRows }),
    columns: columns.map((column) => {
      if (column.kind === 'categorical') return { ...column, counts: null };
      const { count, rankError } = column.sample;
      return { ...column, sample: { count, rankError } };
    }),
    sample: {
      rows: sample.rows,
      columns: sample.columns.map((column) =>
        column.kind === 'categorical'
          ? { kind: column.kind, name: column.name, dictionary: column.dictionary }
          : { kind: column.kind, name: column.name },
      ),
    },
  };
  return encodeContainer({ kind: KIND, meta, arrays });
}

/**
 * The summary in some bytes.
 * @throws RangeError if they are not a whole summary of this version, saying what is wrong
 */
export function decodeSummary(bytes: Uint8Array): TableSummary {
  const container = open(bytes);
  const meta = metaOf(container);
  const summary: TableSummary = {
    rows: meta.rows,
    ...(meta.repeatedRows === undefined ? {} : { repeatedRows: meta.repeatedRows }),
    columns: meta.columns.map((column, j) => decodeColumn(column, container, j)),
    sample: {
      rows: meta.sample.rows,
      columns: meta.sample.columns.map((column, j) => decodeSampled(column, container, j)),
    },
  };
  check(summary);
  return summary;
}

type ColumnMeta =
  | (Omit<NumberSummary, 'sample'> & {
      readonly sample: { readonly count: number; readonly rankError: number };
    })
  | (Omit<CategorySummary, 'counts'> & { readonly counts: null });

type SampledMeta =
  | { readonly kind: 'numeric' | 'time'; readonly name: string }
  | {
      readonly kind: 'categorical';
      readonly name: string;
      readonly dictionary: readonly string[];
    };

interface Meta {
  readonly version: number;
  readonly rows: number;
  readonly repeatedRows?: number;
  readonly columns: readonly ColumnMeta[];
  readonly sample: { readonly rows: number; readonly columns: readonly SampledMeta[] };
}

function open(bytes: Uint8Array): Container {
  try {
    return decodeContainer(bytes);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RangeError(`${KIND}: ${cause.message}`, { cause });
  }
}

function metaOf({ kind, meta }: Container): Meta {
  if (kind !== KIND) throw new RangeError(`expected a ${KIND}, got a '${kind}'`);
  if (isRecord(meta) && isCount(meta['version']) && meta['version'] !== SUMMARY_VERSION) {
    throw new RangeError(
      `${KIND} of version ${meta['version']}; this CalmOps reads version ${SUMMARY_VERSION}`,
    );
  }
  if (!isMeta(meta)) throw damaged('its header lacks something, or holds something else');
  return meta;
}

function decodeColumn(column: ColumnMeta, container: Container, j: number): ColumnSummary {
  const array = arrayOf(container, `column ${j}`, Float64Array);
  return column.kind === 'categorical'
    ? { ...column, counts: array }
    : { ...column, sample: { values: array, ...column.sample } };
}

function decodeSampled(column: SampledMeta, container: Container, j: number): Column {
  return column.kind === 'categorical'
    ? { ...column, codes: arrayOf(container, `rows ${j}`, Int32Array) }
    : { ...column, values: arrayOf(container, `rows ${j}`, Float64Array) };
}

// --- Checks: a summary that was read is one that could have been made ---

function isMeta(value: unknown): value is Meta {
  return (
    isRecord(value) &&
    isCount(value['rows']) &&
    (value['repeatedRows'] === undefined || isCount(value['repeatedRows'])) &&
    isList(value['columns'], isColumnMeta) &&
    isRecord(value['sample']) &&
    isCount(value['sample']['rows']) &&
    isList(value['sample']['columns'], isSampledMeta)
  );
}

function isColumnMeta(value: unknown): value is ColumnMeta {
  if (!isRecord(value) || typeof value['name'] !== 'string') return false;
  if (!isCount(value['rows']) || !isCount(value['missing'])) return false;
  const { dependence } = value;
  if (value['kind'] === 'categorical') {
    const others = value['others'];
    return (
      hasCurves(dependence, 'shares', 'missing') &&
      isList(value['labels'], isString) &&
      isRecord(others) &&
      isCount(others['labels']) &&
      isCount(others['values'])
    );
  }
  const { sample, range, moments, few, course } = value;
  return (
    isNumberKind(value['kind']) &&
    hasCurves(dependence, 'height', 'side', 'distance', 'missing') &&
    hasNumbers(sample, 'count', 'rankError') &&
    (range === null || hasNumbers(range, 'low', 'high')) &&
    hasNumbers(moments, 'count', 'mean', 'deviation') &&
    (few === null || isValueCounts(few)) &&
    isCourse(course)
  );
}

function isSampledMeta(value: unknown): value is SampledMeta {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    (isNumberKind(value['kind']) ||
      (value['kind'] === 'categorical' && isList(value['dictionary'], isString)))
  );
}

function isValueCounts(value: unknown): value is ValueCounts {
  return (
    isRecord(value) &&
    isList(value['values'], isFiniteNumber) &&
    isList(value['counts'], isCount) &&
    value['values'].length === value['counts'].length
  );
}

function hasCurves(value: unknown, ...names: readonly string[]): boolean {
  return isRecord(value) && names.every((name) => isCurve(value[name]));
}

function isCurve(value: unknown): value is DispersionCurve {
  const isDispersion = (chunks: unknown): chunks is ChunkDispersion =>
    hasNumbers(chunks, 'rows', 'freedom', 'others', 'neighbours') && chunks.freedom > 0;
  return isList(value, isDispersion);
}

function isCourse(value: unknown): value is Course {
  return (
    hasNumbers(value, 'rises', 'falls', 'repeats') &&
    typeof value['isWhole'] === 'boolean' &&
    (value['ends'] === null || hasNumbers(value['ends'], 'first', 'last'))
  );
}

function check({ rows, columns, sample }: TableSummary): void {
  for (const column of columns) {
    const stands = column.kind === 'categorical' ? valuesOf(column) : column.sample.count;
    if (column.rows !== rows || stands !== rows - column.missing) {
      throw damaged(`column '${column.name}' does not have the values of ${rows} rows`);
    }
    const isSound = column.kind === 'categorical' ? hasCounts(column) : hasSample(column);
    if (!isSound) throw damaged(`column '${column.name}' holds what no summary does`);
  }
  for (const column of sample.columns) {
    const values = column.kind === 'categorical' ? column.codes : column.values;
    if (values.length !== sample.rows || !isDecodable(column)) {
      throw damaged(`its rows have no proper column '${column.name}'`);
    }
  }
}

function valuesOf({ counts, others }: CategorySummary): number {
  return counts.reduce((sum, count) => sum + count, others.values);
}

function hasCounts({ labels, counts }: CategorySummary): boolean {
  return labels.length === counts.length && counts.every((count) => isCount(count) && count > 0);
}

function hasSample({ sample: { values, count, rankError }, range }: NumberSummary): boolean {
  if (values.length > count || (values.length === 0) !== (count === 0)) return false;
  if ((range === null) !== (count === 0) || !(rankError >= 0 && rankError <= 1)) return false;
  return values.every((x, i) => Number.isFinite(x) && (i === 0 || values[i - 1] <= x));
}

function isDecodable(column: Column): boolean {
  return (
    column.kind !== 'categorical' ||
    column.codes.every((code) => code >= -1 && code < column.dictionary.length)
  );
}

function isList<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

function hasNumbers<K extends string>(
  value: unknown,
  ...keys: readonly K[]
): value is Readonly<Record<K, number>> & Readonly<Record<string, unknown>> {
  return isRecord(value) && keys.every((key) => isFiniteNumber(value[key]));
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value);
const isNumberKind = (value: unknown): value is 'numeric' | 'time' =>
  value === 'numeric' || value === 'time';

const damaged = (what: string): RangeError => new RangeError(`damaged ${KIND}: ${what}`);
