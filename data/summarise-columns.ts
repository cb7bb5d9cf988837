import { LIST, listValue, VARCHAR } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';
import { MAX_LABELS, summaryOf } from '../core/drift/summary/category-summary.ts';
import type { CategorySummary } from '../core/drift/summary/category-summary.ts';
import { blockRooms, openNumberBlocks } from '../core/drift/summary/number-blocks.ts';
import type { BlockRoom, NumberBlocks } from '../core/drift/summary/number-blocks.ts';
import type { NumberSummary } from '../core/drift/summary/number-summary.ts';
import { dependenceOfCells, frequentLevels, LEARNING_ROWS } from '../core/stats/row-dependence.ts';
import type { CategoryDependence } from '../core/stats/row-dependence.ts';
import { chooseRows } from '../core/drift/summary/row-sample.ts';
import { SAMPLE_SEED } from '../core/drift/summary/table-summary.ts';
import type { ColumnSummary, TableSummary } from '../core/drift/summary/table-summary.ts';
import type { Column } from '../core/table.ts';
import type { ColumnSource } from './column-source.ts';
import {
  categoricalColumn,
  EXPRESSIONS_PER_QUERY,
  RowCountError,
  type ColumnQuery,
} from './fetch-table.ts';
import { countRepeatedRows, openRowHashes, type RowHashes } from './repeated-rows.ts';
import { chunksOf, doublesOf } from './result-chunks.ts';

/** Columns of numbers that one scan reads: more are no faster, and each takes the memory of a block. */
const COLUMNS_PER_SCAN = 3;

/**
 * Summarises columns a few at a time and in blocks of rows, so that neither the table nor a column of it is ever
 * held: 4 MiB a column of a scan, whatever the number of rows.
 * @throws RowCountError if the number of rows is another
 */
export async function summariseColumns(
  connection: DuckDBConnection,
  source: ColumnSource,
): Promise<TableSummary> {
  const { rows, columns } = source;
  const chosen = chooseRows(rows, SAMPLE_SEED);
  const numbers = columns.filter(({ kind }) => kind !== 'categorical');
  const found = new Map<ColumnQuery, Summarised>();
  const rooms = blockRooms(rows, Math.min(numbers.length, COLUMNS_PER_SCAN));
  let mayRepeat = true;
  for (let start = 0; start < numbers.length; start += COLUMNS_PER_SCAN) {
    const batch = numbers.slice(start, start + COLUMNS_PER_SCAN);
    const hashes = start === 0 ? openRowHashes(batch, rows) : null;
    const scanned = await scanNumbers(connection, source, batch, { chosen, rooms, hashes });
    batch.forEach((query, j) => found.set(query, scanned[j] as Summarised));
    if (hashes !== null) mayRepeat = hashes.haveEqual();
  }
  const categories = columns.filter(({ kind }) => kind === 'categorical');
  const sampled = await sampleCategories(connection, source, categories, chosen);
  for (const [j, query] of categories.entries()) {
    const summary = await countCategories(connection, source, query);
    found.set(query, { summary, sampled: sampled[j] as Column });
  }
  const inOrder = columns.map((query) => found.get(query) as Summarised);
  const summaries = inOrder.map(({ summary }) => summary);
  return {
    rows,
    columns: summaries,
    sample: { rows: chosen.length, columns: inOrder.map(({ sampled }) => sampled) },
    repeatedRows: mayRepeat ? await countRepeatedRows(connection, source, summaries) : 0,
  };
}

interface Summarised {
  readonly summary: ColumnSummary;
  /** the values of the chosen rows */
  readonly sampled: Column;
}

interface Scan {
  readonly chosen: Int32Array;
  readonly rooms: readonly BlockRoom[];
  /** to be taken in the same scan */
  readonly hashes: RowHashes | null;
}

async function scanNumbers(
  connection: DuckDBConnection,
  { from, rows }: ColumnSource,
  queries: readonly ColumnQuery[],
  { chosen, rooms, hashes }: Scan,
): Promise<readonly Summarised[]> {
  const sinks = queries.map((query, j) => new NumberSink(query, chosen, rooms[j] as BlockRoom));
  const selected = queries.map(({ sql }) => `coalesce(${sql}, 'nan'::DOUBLE)`);
  if (hashes !== null) selected.push(hashes.sql);
  const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${from}`);
  let offset = 0;
  for await (const chunk of chunksOf(result)) {
    for (const [j, sink] of sinks.entries()) sink.take(doublesOf(chunk, j));
    hashes?.add(doublesOf(chunk, sinks.length));
    offset += chunk.rowCount;
  }
  if (offset !== rows) throw new RowCountError(String(offset), rows);
  return sinks.map((sink) => sink.finish());
}

class NumberSink {
  readonly #head: Pick<NumberSummary, 'kind' | 'name'>;
  readonly #blocks: NumberBlocks;
  readonly #chosen: Int32Array;
  readonly #sampled: Float64Array;
  #seen = 0;
  #picked = 0;

  constructor({ kind, name }: ColumnQuery, chosen: Int32Array, room: BlockRoom) {
    this.#head = { kind: kind === 'time' ? 'time' : 'numeric', name };
    this.#blocks = openNumberBlocks(this.#head, room);
    this.#chosen = chosen;
    this.#sampled = new Float64Array(chosen.length);
  }

  take(values: Float64Array): void {
    this.#sample(values);
    this.#blocks.add(values);
  }

  #sample(values: Float64Array): void {
    const start = this.#seen;
    this.#seen += values.length;
    for (
      let row = this.#chosen[this.#picked];
      row !== undefined && row < this.#seen;
      row = this.#chosen[this.#picked]
    ) {
      const value = values[row - start] ?? NaN;
      this.#sampled[this.#picked++] = Number.isFinite(value) ? value : NaN;
    }
  }

  finish(): Summarised {
    const sampled = { ...this.#head, values: this.#sampled };
    return { summary: this.#blocks.total(), sampled };
  }
}

async function countCategories(
  connection: DuckDBConnection,
  source: ColumnSource,
  { name, sql }: ColumnQuery,
): Promise<CategorySummary> {
  const { from, rows } = source;
  const counted = await connection.runAndReadAll(
    `SELECT label, n, count(*) OVER (), sum(n) OVER ()
       FROM (SELECT ${sql} AS label, count(*) AS n FROM ${from} GROUP BY label)
      WHERE label IS NOT NULL ORDER BY n DESC, label LIMIT ${MAX_LABELS}`,
  );
  const groups = counted.getRows().map((row) => ({ label: String(row[0]), count: Number(row[1]) }));
  const totals = counted.getRows()[0];
  const kept = groups.reduce((sum, { count }) => sum + count, 0);
  const present = totals === undefined ? 0 : Number(totals[3]);
  const others = {
    labels: totals === undefined ? 0 : Number(totals[2]) - groups.length,
    values: present - kept,
  };
  const levels = frequentLevels(groups.map(({ count }) => count)).map(
    (k) => groups[k]?.label ?? '',
  );
  const dependence = await dependenceOfCategories(connection, source, sql, levels);
  return summaryOf({ name, rows, missing: rows - present, dependence }, groups, others);
}

/** @param levels that are cells of their own */
async function dependenceOfCategories(
  connection: DuckDBConnection,
  { from, rows }: ColumnSource,
  sql: string,
  levels: readonly string[],
): Promise<CategoryDependence> {
  const cells = new Int32Array(Math.min(rows, LEARNING_ROWS));
  const place = `coalesce(nullif(list_position($levels, label), 0), ${levels.length + 1}) - 1`;
  const result = await connection.stream(
    `SELECT (CASE WHEN label IS NULL THEN -1 ELSE ${place} END)::INTEGER
       FROM (SELECT ${sql} AS label FROM ${from} LIMIT ${cells.length})`,
    { levels: listValue(levels) },
    { levels: LIST(VARCHAR) },
  );
  let offset = 0;
  for await (const chunk of chunksOf(result)) {
    const vector = bindings.data_chunk_get_vector(chunk.chunk, 0);
    const bytes = bindings.vector_get_data(vector, chunk.rowCount * Int32Array.BYTES_PER_ELEMENT);
    cells.set(new Int32Array(bytes.buffer, bytes.byteOffset, chunk.rowCount), offset);
    offset += chunk.rowCount;
  }
  return dependenceOfCells(cells);
}

/** The categories of the chosen rows, by column. */
async function sampleCategories(
  connection: DuckDBConnection,
  { from, rowNumber, rows }: ColumnSource,
  queries: readonly ColumnQuery[],
  chosen: Int32Array,
): Promise<readonly Column[]> {
  const sampled: Column[] = [];
  const wanted =
    chosen.length === rows ? '' : `WHERE ${rowNumber} IN (SELECT unnest([${chosen.join(', ')}]))`;
  for (let start = 0; start < queries.length; start += EXPRESSIONS_PER_QUERY) {
    const batch = queries.slice(start, start + EXPRESSIONS_PER_QUERY);
    const selected = batch.map(({ sql }) => `, ${sql}`);
    const reader = await connection.runAndReadAll(
      `SELECT ${rowNumber}${selected.join('')} FROM ${from} ${wanted}`,
    );
    const [numbers = [], ...labels] = reader.getColumns();
    const places = new Map(numbers.map((row, place) => [Number(row), place]));
    batch.forEach(({ name }, j) => {
      const found = labels[j] ?? [];
      const inOrder = Array.from(chosen, (row) => found[places.get(row) ?? -1]);
      sampled.push(columnOfLabels(name, inOrder));
    });
  }
  return sampled;
}

/** @param labels texts; whatever else is missing */
function columnOfLabels(name: string, labels: readonly unknown[]): Column {
  const present = new Set(labels.filter((label) => typeof label === 'string'));
  const codeOf = new Map<unknown, number>([...present].map((label, code) => [label, code]));
  const codes = Int32Array.from(labels, (label) => codeOf.get(label) ?? -1);
  return categoricalColumn(name, codes, [...present]);
}
