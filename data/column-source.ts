import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table } from '../core/table.ts';
import type { ColumnQuery } from './fetch-table.ts';
import type { NoteOfReading } from './reading-notes.ts';

/** The rows and columns of a dataset, where a connection can reach them. */
export interface ColumnSource {
  /** SQL of a FROM clause; scans keep the order of its rows */
  readonly from: string;
  /** SQL of a row's position, from 0 */
  readonly rowNumber: string;
  readonly rows: number;
  readonly columns: readonly ColumnQuery[];
  /** what is to be told of how it was read */
  readonly notes?: readonly NoteOfReading[];
}

/** A table, and what is to be told of how it was read. */
export interface ReadTable extends Table {
  readonly notes: readonly NoteOfReading[];
}

/** What becomes of a dataset that was opened. The source lives as long as the connection. */
export type UseSource<T> = (connection: DuckDBConnection, source: ColumnSource) => Promise<T>;

/** What to make of a dataset: of columns that a connection reaches, or of a table, as which some files are read. */
export interface UseDataset<T> {
  readonly ofSource: UseSource<T>;
  readonly ofTable: (table: ReadTable) => T;
}

/**
 * Files of more columns are read as tables, a group of columns at a time: each query on so many columns takes DuckDB
 * long to plan, and a scan of all of them takes a vector of 2048 values a column.
 */
export const WIDE_COLUMNS = 1000;
