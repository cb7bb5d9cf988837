import type { Stats } from 'node:fs';
import { constants, lstat, open, readdir, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { asInfrastructureError, InfrastructureError } from '../core/infrastructure-error.ts';
import { shortPath } from '../core/short-path.ts';
import { DatasetGoneError } from './dataset-gone.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';

export interface OpenOptions {
  /** a larger file is refused before a byte of it is read, whether or not there is anything in it */
  readonly maxBytes: number;
  /** whether the file that a symbolic link leads to is read; absent: links are refused */
  readonly followSymlinks?: boolean | undefined;
}

/**
 * Opens a dataset file for reading, if it is a regular file of a size that is read. The folders above it may be links.
 * @throws DatasetGoneError if the file is not there and other things are in its folder
 * @throws InvalidDatasetError if it is a link, a folder, a device, a pipe or a socket, or too large
 * @throws InfrastructureError if its folder is not there or empty, or the file cannot be read for want of a right or a disk
 */
export async function openDataset(file: string, options: OpenOptions): Promise<FileHandle> {
  const handle = await openRegular(file, options.followSymlinks ?? false);
  try {
    // Of what was opened, which is what is read, whatever has the name by now.
    const found = await handle.stat();
    requireRegular(found);
    requireSize(found, options.maxBytes);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openRegular(file: string, followSymlinks: boolean): Promise<FileHandle> {
  try {
    // A pipe or a device would wait, or do something, when it is opened.
    requireRegular(await (followSymlinks ? stat(file) : lstat(file)));
    const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
    return await open(file, O_RDONLY | O_NONBLOCK | (followSymlinks ? 0 : O_NOFOLLOW));
  } catch (error) {
    throw await meaningOf(error, file, followSymlinks);
  }
}

const SYMLINK =
  'the file is a symbolic link, and these are not followed: who may write a link could have any file read; put the file itself there, or set files.followSymlinks';

function requireRegular(found: Stats): void {
  if (found.isFile()) return;
  if (found.isSymbolicLink()) throw new InvalidDatasetError(SYMLINK);
  const kind = found.isDirectory() ? 'a folder' : 'a device, pipe or socket';
  throw new InvalidDatasetError(`found ${kind} of this name; expected a regular file`);
}

function requireSize({ size }: Stats, maxBytes: number): void {
  if (size <= maxBytes) return;
  throw new InvalidDatasetError(
    `the file has ${size} bytes, at most ${maxBytes} are read; split it into smaller files`,
  );
}

/** What an error says of the file, of its folder, or of this machine. */
export async function meaningOf(
  error: unknown,
  file: string,
  followSymlinks: boolean,
): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const folder = path.dirname(file);
  if (code === 'ENOENT' && (await isFolder(folder))) {
    // Nobody is held up by a file that was removed after all: the next one that comes shows that the folder is the right one.
    if ((await readdir(folder)).length === 0) {
      return new InfrastructureError(
        `${shortPath(file)} cannot be read: its folder is empty, as if nothing were mounted there; mount it, or put the file back. If the file was removed, this run ends as soon as anything else is in the folder`,
        { cause: error },
      );
    }
    return new DatasetGoneError(
      'the file is gone: it was removed or renamed before it was read; as soon as it is there again it is run again',
      { cause: error },
    );
  }
  if (code === 'ELOOP') {
    return new InvalidDatasetError(
      followSymlinks
        ? 'the file is a symbolic link that leads in a circle; expected a regular file'
        : SYMLINK,
      { cause: error },
    );
  }
  return asInfrastructureError(error, `${shortPath(file)} cannot be read`);
}

async function isFolder(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => null);
  return found?.isDirectory() ?? false;
}
