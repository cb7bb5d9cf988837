import { open, rm, stat } from 'node:fs/promises';
import { hasCode } from '../core/error-code.ts';

/** The database of the embedded Temporal server is damaged; says what to do. */
export class DatabaseDamagedError extends Error {
  override name = 'DatabaseDamagedError';

  /** @param pid of the server that has it open, if one runs */
  constructor(database: string, found: string, pid?: number) {
    const end = pid === undefined ? '' : `end its server with \`kill ${pid}\`, `;
    super(
      `The database of the embedded Temporal server, ${database}, is damaged (${found}). To go on, ${end}move ${database} and its -wal and -shm files aside, and start again: every result is in the store, and pipelines take up from there. Files that had no outcome yet are taken from their folders again.`,
    );
  }
}

/** The first bytes of every SQLite database. */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/**
 * Looks at the first bytes of a database, if there is one. An empty file, which a server leaves that was killed in its
 * first moment, is removed: no server would start on it.
 * @param pid of the server that has it open, if one runs
 * @throws DatabaseDamagedError
 */
export async function requireSoundDatabase(database: string, pid?: number): Promise<void> {
  const bytes = await sizeOf(database);
  if (bytes === null) return;
  // What was committed may all be in the file beside it still.
  if (bytes === 0 && pid === undefined && ((await sizeOf(`${database}-wal`)) ?? 0) === 0) {
    await rm(database);
    return;
  }
  const file = await open(database);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    if (bytesRead < MAGIC.length || !buffer.equals(MAGIC)) {
      throw new DatabaseDamagedError(database, 'it is not a SQLite database', pid);
    }
  } finally {
    await file.close();
  }
}

/** null where there is no file */
async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Whether what SQLite or the server says means that the database is damaged. */
export function isDamage(said: string): boolean {
  return /disk image is malformed|file is not a database|no such table/.test(said);
}
