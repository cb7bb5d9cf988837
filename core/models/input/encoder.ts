import { columnOf, takeRows } from '../../table.ts';
import type { CategoricalColumn, Column, NumericColumn, Table } from '../../table.ts';
import type { FeatureSchema, ModelSchema, Task } from '../model.ts';
import { classesOf } from '../metrics/outcomes.ts';

/** A text column with more categories than this is set aside. */
const MAX_CATEGORIES = 1000;

/** A text column with more categories than this many per row says nothing general about its rows. */
const MAX_CATEGORIES_PER_ROW = 0.5;

/** On fewer rows than this every column looks like an identifier, so none is taken for one. */
const MIN_ROWS_FOR_IDENTIFIER = 20;

export interface SchemaOptions {
  readonly target: string;
  readonly task: Task;
  /** columns that are no features */
  readonly ignore: readonly string[];
  readonly timeColumn?: string | undefined;
}

/** The features of a table as a model reads them, in the order of its schema. */
export interface EncodedTable {
  readonly rows: number;
  readonly columns: readonly EncodedColumn[];
}

export type EncodedColumn =
  | { readonly kind: 'numeric'; readonly values: Float64Array }
  | {
      readonly kind: 'categorical';
      /** index into the feature's dictionary; -1 = missing; `categories` = not in the dictionary */
      readonly codes: Int32Array;
      /** length of the feature's dictionary */
      readonly categories: number;
    };

/**
 * Decides what a model is to read: which columns, which categories, which classes.
 *
 * Features are the numeric and categorical columns other than target, time column and ignored ones, except
 * those from which nothing can be learned: see `setAsideReason`.
 *
 * @param rows the rows to be trained on; categories and classes elsewhere are unknown to the model
 * @throws RangeError if the target is absent, no row is given, or no feature is left
 */
export function learnSchema(table: Table, rows: Int32Array, options: SchemaOptions): ModelSchema {
  const { target, task, ignore, timeColumn } = options;
  columnOf(table, target);
  if (rows.length === 0) throw new RangeError(`no rows to learn '${target}' from`);
  const excluded = new Set([target, timeColumn, ...ignore]);
  const candidates = table.columns.filter((column) => !excluded.has(column.name));
  const features = candidates.flatMap((column) =>
    setAsideReason(column, rows) === null ? [featureOf(column, rows)] : [],
  );
  if (features.length === 0) {
    const reasons = candidates.map(
      (column) => `'${column.name}' ${setAsideReason(column, rows) ?? ''}`,
    );
    throw new RangeError(
      `no column to predict '${target}' from: ${reasons.join('; ') || 'there is no other column'}`,
    );
  }
  const classes = task === 'classification' ? classesOf(table, target, rows) : [];
  return { target, task, features, classes };
}

/** A column that is no feature, and why. */
export interface ColumnLeftOut {
  readonly name: string;
  readonly why: string;
}

/**
 * The columns that a model of these rows is not to read, although nobody excluded them.
 * @param rows as for `learnSchema`
 */
export function columnsLeftOut(
  table: Table,
  rows: Int32Array,
  { target, ignore, timeColumn }: Omit<SchemaOptions, 'task'>,
): readonly ColumnLeftOut[] {
  const excluded = new Set([target, timeColumn, ...ignore]);
  return table.columns.flatMap((column) => {
    const why = excluded.has(column.name) ? null : setAsideReason(column, rows);
    return why === null ? [] : [{ name: column.name, why }];
  });
}

/**
 * Why a column cannot be a feature: it holds times, is empty or constant, numbers the rows, is the index of a data
 * frame, or is text that is different in most rows. null if it can be one.
 */
function setAsideReason(column: Column, rows: Int32Array): string | null {
  if (column.kind === 'time') return 'holds times';
  const { present, distinct } = countValues(column, rows);
  if (present === 0) return 'has no value';
  if (distinct === 1 && present === rows.length) return 'is constant';
  if (column.kind === 'categorical') {
    if (distinct > MAX_CATEGORIES) return `has ${distinct} categories, more than ${MAX_CATEGORIES}`;
    if (present >= MIN_ROWS_FOR_IDENTIFIER && distinct > present * MAX_CATEGORIES_PER_ROW)
      return `looks like an identifier: ${distinct} categories in ${present} rows`;
    return null;
  }
  if (isIndex(column)) return 'is the index of a data frame';
  return numbersTheRows(column) ? 'numbers the rows' : null;
}

/**
 * Reads the features of a model from a table.
 *
 * A column without any value counts as missing throughout, whatever its kind.
 * @throws RangeError naming every column that is absent, or the first of another kind, what was found and what is
 *   needed
 */
export function encodeTable(table: Table, schema: ModelSchema): EncodedTable {
  requireFeatures(table, schema.features);
  const columns = schema.features.map((feature) => encodeFeature(table, feature));
  return { rows: table.rows, columns };
}

/** Reads the features of some rows, as `encodeTable` does; of all rows in their order, without a copy. */
export function encodeRows(table: Table, rows: Int32Array, schema: ModelSchema): EncodedTable {
  const isAll = rows.length === table.rows && rows.every((row, i) => row === i);
  return encodeTable(isAll ? table : takeRows(table, rows), schema);
}

function requireFeatures(table: Table, features: readonly FeatureSchema[]): void {
  const present = new Set(table.columns.map(({ name }) => name));
  const absent = features.filter(({ name }) => !present.has(name));
  if (absent.length === 0) return;
  const names = absent.map(({ name }) => `'${name}'`).join(', ');
  const kinds = absent.map(({ kind }) => kind).join(', ');
  const words =
    absent.length === 1
      ? `column ${names} is absent; the model needs it (${kinds})`
      : `columns ${names} are absent; the model needs them (${kinds})`;
  throw new RangeError(`${words}. Columns: ${[...present].join(', ')}`);
}

function encodeFeature(table: Table, feature: FeatureSchema): EncodedColumn {
  const column = columnOf(table, feature.name);
  if (column.kind !== feature.kind) return encodeOtherKind(column, feature, table.rows);
  if (column.kind === 'numeric') return { kind: 'numeric', values: column.values };
  const dictionary = feature.kind === 'categorical' ? feature.dictionary : [];
  return encodeCategories(column, dictionary);
}

function encodeCategories(column: CategoricalColumn, dictionary: readonly string[]): EncodedColumn {
  const indexOfCategory = new Map(dictionary.map((name, index) => [name, index]));
  const indexOfCode = column.dictionary.map(
    (name) => indexOfCategory.get(name) ?? dictionary.length,
  );
  const codes = column.codes.map((code) => (code < 0 ? -1 : indexOfCode[code]));
  return { kind: 'categorical', codes, categories: dictionary.length };
}

function encodeOtherKind(column: Column, feature: FeatureSchema, rows: number): EncodedColumn {
  const example = firstValue(column);
  if (example !== null) {
    throw new RangeError(
      `column '${feature.name}' is ${column.kind} (e.g. ${example}); the model needs it ${feature.kind}`,
    );
  }
  if (feature.kind === 'numeric') {
    return { kind: 'numeric', values: new Float64Array(rows).fill(NaN) };
  }
  const codes = new Int32Array(rows).fill(-1);
  return { kind: 'categorical', codes, categories: feature.dictionary.length };
}

function firstValue(column: Column): string | null {
  if (column.kind === 'categorical') {
    const code = column.codes.find((candidate) => candidate >= 0);
    return code === undefined ? null : `'${column.dictionary[code]}'`;
  }
  const value = column.values.find((candidate) => !Number.isNaN(candidate));
  return value === undefined ? null : String(value);
}

function featureOf(column: Column, rows: Int32Array): FeatureSchema {
  if (column.kind !== 'categorical') return { kind: 'numeric', name: column.name };
  const seen = new Uint8Array(column.dictionary.length);
  for (const row of rows) if (column.codes[row] >= 0) seen[column.codes[row]] = 1;
  const dictionary = column.dictionary.filter((_, code) => seen[code] === 1);
  return { kind: 'categorical', name: column.name, dictionary };
}

function countValues(
  column: NumericColumn | CategoricalColumn,
  rows: Int32Array,
): { readonly present: number; readonly distinct: number } {
  const distinct = new Set<number>();
  const values = column.kind === 'numeric' ? column.values : column.codes;
  let present = 0;
  for (const row of rows) {
    const value = values[row];
    if (column.kind === 'numeric' ? Number.isNaN(value) : value < 0) continue;
    present++;
    // Of numbers it only matters whether there are two.
    if (column.kind === 'categorical' || distinct.size < 2) distinct.add(value);
  }
  return { present, distinct: distinct.size };
}

/** Names that pandas gives to the labels of rows; unnamed ones are called `index` when they are read. */
const INDEX_NAME = /^(index|level_\d+|Unnamed: \d+|__index_level_\d+__)$/;

/** Where files follow each other, an index falls back from one to the next. */
const FALLS_SHARE = 0.01;

/** Does a column of that name hold whole numbers that rise from row to row, as those of a frame that was filtered do? */
function isIndex(column: Column): boolean {
  if (column.kind !== 'numeric' || !INDEX_NAME.test(column.name)) return false;
  const { values } = column;
  let falls = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isInteger(values[i])) return false;
    if (i > 0 && values[i] <= values[i - 1]) falls++;
  }
  return falls <= FALLS_SHARE * values.length;
}

/** Is each value one more than the value of the row before? */
function numbersTheRows(column: Column): boolean {
  if (column.kind !== 'numeric' || column.values.length < MIN_ROWS_FOR_IDENTIFIER) return false;
  const { values } = column;
  for (let i = 1; i < values.length; i++) if (values[i] - values[i - 1] !== 1) return false;
  return true;
}
