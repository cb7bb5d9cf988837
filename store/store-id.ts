import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { hasCode } from '../core/error-code.ts';

/** No uri leads to it, as it begins with a dot. */
const FILE = '.id';

const storeId = z.uuid();

/**
 * The identity of a local store, by which it is told from another one at the same place.
 * @param folder absolute, of the store
 * @returns null where there is none: the store is new, was made by an earlier version, or is away
 * @throws Error if the file holds something else
 */
export async function readStoreId(folder: string): Promise<string | null> {
  const file = path.join(folder, FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  const found = storeId.safeParse(text.trim());
  if (found.success) return found.data;
  throw new Error(
    `${file} does not hold the identity of a store; expected a UUID. Put it back from a backup.`,
  );
}

/** Gives a store an identity unless it has one; of two processes that do so at once the first wins. @returns its identity */
export async function giveStoreId(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, FILE);
  const own = `${file}.${randomUUID()}`;
  try {
    await writeFile(own, `${randomUUID()}\n`);
    await link(own, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(own, { force: true });
  }
  const id = await readStoreId(folder);
  if (id === null) throw new Error(`The store ${folder} went away while it was given an identity.`);
  return id;
}
