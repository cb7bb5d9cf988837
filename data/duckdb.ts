import { tmpdir } from 'node:os';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';

/** Working memory of one database; beyond it DuckDB spills into its temporary folder. */
const MEMORY_LIMIT = '1GiB';
const SPILL_LIMIT = '8GiB';
/** Two of these make a read about a third faster; more compete with the other compute threads. */
const THREADS = 2;

/** Below this the threads of a database take longer to wake each other than to do the work. */
const ONE_THREAD_BYTES = 1 << 20;

/** How many threads a database is given for reading or writing so many bytes. */
export function threadsFor(bytes: number): number {
  return bytes < ONE_THREAD_BYTES ? 1 : THREADS;
}

/** Databases kept open in a thread; opening one takes about 10 ms, as long as reading a small file. */
const KEPT_OPEN = 4;

/** Where a thread that lives long keeps its databases. */
export interface SharedDatabases {
  /** absolute: one database is for all files below one of these */
  readonly folders: readonly string[];
  /** for what does not fit into the memory of a database */
  readonly spillFolder: string;
}

let shared: SharedDatabases | null = null;

/**
 * Uses one database for all files below each of these folders, from now on in this thread. Otherwise each folder with a
 * file has its own: one is opened and closed with every new folder, and with each the C library keeps memory of the
 * threads that ended.
 */
export function shareDatabases(databases: SharedDatabases): void {
  shared = databases;
}

export interface DatabaseOptions {
  /** absolute; made with the first file in it */
  readonly folder: string;
  /** absent: 2 */
  readonly threads?: number | undefined;
}

/**
 * Runs `use` with a connection of its own to a database that can open the files below one folder and nothing
 * else. It loads no extension, and its configuration is locked: whatever a file holds, it cannot reach
 * further. What `use` makes must be temporary, so that it goes with the connection.
 */
export async function withDatabase<T>(
  options: DatabaseOptions,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const database = databaseOf(options);
  database.users += 1;
  try {
    const connection = await (await database.instance).connect();
    try {
      return await use(connection);
    } catch (error) {
      if (breaksDatabase(error)) forget(database);
      throw error;
    } finally {
      connection.closeSync();
    }
  } finally {
    database.users -= 1;
    await closeIdle();
  }
}

interface OpenDatabase {
  readonly instance: Promise<DuckDBInstance>;
  users: number;
}

/** By folder and threads, the one used last at the end. A thread has its own: databases cannot be shared between them. */
const databases = new Map<string, OpenDatabase>();

function databaseOf({ folder: asked, threads = THREADS }: DatabaseOptions): OpenDatabase {
  const folder = shared?.folders.find((each) => isWithin(asked, each)) ?? asked;
  const key = `${threads} ${folder}`;
  const database = databases.get(key) ?? { instance: openDatabase(folder, threads), users: 0 };
  databases.delete(key);
  databases.set(key, database);
  return database;
}

function isWithin(folder: string, root: string): boolean {
  return folder === root || folder.startsWith(`${root}${path.sep}`);
}

/** After such an error a database refuses all further queries, whatever they ask. */
const BREAKS_DATABASE = /^(INTERNAL|FATAL) Error/;

function breaksDatabase(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return BREAKS_DATABASE.test(error.message) || breaksDatabase(error.cause);
}

function forget(broken: OpenDatabase): void {
  for (const [key, database] of databases) if (database === broken) databases.delete(key);
}

async function closeIdle(): Promise<void> {
  for (const [key, { instance, users }] of databases) {
    if (databases.size <= KEPT_OPEN) return;
    if (users > 0) continue;
    databases.delete(key);
    (await instance).closeSync();
  }
}

async function openDatabase(folder: string, threads: number): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    threads: String(threads),
    temp_directory: path.join(
      shared?.spillFolder ?? tmpdir(),
      `calmops-spill-${process.pid}-${threadId}`,
    ),
    max_temp_directory_size: SPILL_LIMIT,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  // Timestamps without an offset are UTC, wherever this runs.
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  // A reader asks for its pattern first, then for the file that matches it.
  const allowed = [sqlString, sqlPath].map((quoted) => quoted(`${folder}${path.sep}`));
  await connection.run(`SET GLOBAL allowed_directories = [${allowed.join(', ')}]`);
  await connection.run('SET GLOBAL enable_external_access = false');
  await connection.run('SET GLOBAL lock_configuration = true');
  connection.closeSync();
  return instance;
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
