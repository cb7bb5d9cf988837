import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';

/** Working memory of one database; beyond it DuckDB spills into its temporary folder. */
const MEMORY_LIMIT = '1GiB';
const SPILL_LIMIT = '8GiB';
/** Two of these make a read about a third faster; more compete with the other compute threads. */
const THREADS = '2';

export interface DatabaseAccess {
  /** the only files that the database can open, absolute */
  readonly files: readonly string[];
  /** an existing folder for what does not fit into memory */
  readonly spillFolder: string;
}

/**
 * Runs `use` with an empty database that lives as long as it does.
 *
 * The database reads and writes the named files and nothing else, loads no extension, and its configuration
 * is locked: whatever a file holds, it cannot reach further. Making one takes about 10 ms.
 */
export async function withDatabase<T>(
  { files, spillFolder }: DatabaseAccess,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    threads: THREADS,
    temp_directory: spillFolder,
    max_temp_directory_size: SPILL_LIMIT,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    try {
      // A reader asks for its pattern first, then for the file that matches it.
      const allowed = files.flatMap((file) => [sqlString(file), sqlPath(file)]);
      await connection.run(`SET allowed_paths = [${allowed.join(', ')}]`);
      // Timestamps without an offset are UTC, wherever this runs.
      await connection.run("SET TimeZone = 'UTC'");
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A text as an SQL literal. */
export function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A path as DuckDB's readers take it: they would read `*`, `?` and `[` as patterns. */
export function sqlPath(path: string): string {
  return sqlString(path.replaceAll(/[*?[]/g, '[$&]'));
}

/** The name that a reader's column has in our SQL, whatever the file calls it. */
export function columnAlias(index: number): string {
  return `c${index}`;
}
