import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnQuery } from './fetch-table.ts';

/** The rows and columns of a dataset, where a connection can reach them. */
export interface ColumnSource {
  /** SQL of a FROM clause; scans keep the order of its rows */
  readonly from: string;
  /** SQL of a row's position, from 0 */
  readonly rowNumber: string;
  readonly rows: number;
  readonly columns: readonly ColumnQuery[];
}

/** What becomes of a dataset that was opened. The source lives as long as the connection. */
export type UseSource<T> = (connection: DuckDBConnection, source: ColumnSource) => Promise<T>;
