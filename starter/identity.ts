import { createHash } from 'node:crypto';
import { hashPieces, type FileIdentity } from '../data/hash-file.ts';
import { openDataset } from '../data/open-dataset.ts';
import { DEFAULT_READ_LIMITS } from '../data/read-limits.ts';
import { piecesOf } from '../data/read-pieces.ts';
import type { SettledFile } from './watch-folder.ts';

/**
 * What a settled file is known by: the hash of its content. One that is larger than any that is read is not read for it
 * either, since it may be terabytes of nothing: its name, size and time stand for its content. Its run refuses it by its
 * size, so that it has one outcome like every other file, and no other file waits for it.
 * @throws DatasetGoneError, InvalidDatasetError, InfrastructureError
 */
export async function identityOf(
  path: string,
  file: SettledFile,
  followSymlinks: boolean,
): Promise<FileIdentity> {
  const { maxBytes } = DEFAULT_READ_LIMITS;
  if (file.bytes > maxBytes) return unreadIdentity(file);
  const handle = await openDataset(path, { maxBytes, followSymlinks });
  try {
    return await hashPieces(piecesOf(handle));
  } finally {
    await handle.close();
  }
}

function unreadIdentity({ name, bytes, mtimeMs }: SettledFile): FileIdentity {
  const described = JSON.stringify(['not read', name, bytes, mtimeMs]);
  return { sha256: createHash('sha256').update(described).digest('hex'), bytes };
}
