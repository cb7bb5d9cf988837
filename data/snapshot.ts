import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { asInfrastructureError, InfrastructureError } from '../core/infrastructure-error.ts';
import { DatasetGoneError } from './dataset-gone.ts';
import type { FileForm } from './dataset-format.ts';
import { decodeText, type TextEncoding } from './decode-text.ts';
import { hashFile, type FileIdentity } from './hash-file.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { meaningOf, openDataset } from './open-dataset.ts';
import { piecesOf } from './read-pieces.ts';
import { shortLines } from './text-lines.ts';
import { damagedArchive, unpackedZstd } from './unpack-zstd.ts';

const UNPACKED_BYTES = 1 << 20;

export interface SnapshotOptions {
  readonly compression: FileForm['compression'];
  /** null: the bytes as they are; otherwise brought to UTF-8 with `\n` line ends and no byte order mark */
  readonly encoding: TextEncoding | null;
  /** whether a line of more than 2 MiB is refused as soon as it is met, before the rest of the file is unpacked */
  readonly hasShortLines?: boolean;
  /** most bytes of the snapshot, and of the file */
  readonly maxBytes: number;
  /** what the file is supposed to be; it is hashed only where this is known */
  readonly expected: FileIdentity | undefined;
  /** whether the file that a symbolic link leads to is read; absent: links are refused */
  readonly followSymlinks?: boolean | undefined;
}

/**
 * Copies a dataset file, unpacked and as UTF-8 text where it is text, so that what is read afterwards is
 * what was compared with `expected` here, whatever happens to the file meanwhile.
 * @throws DatasetGoneError if it is not there, or not what was expected
 * @throws InvalidDatasetError if the file is not a regular file, damaged, too large, or not text in the given encoding
 * @throws InfrastructureError if its folder is not there, it cannot be read, or the copy cannot be written
 */
export async function takeSnapshot(
  file: string,
  to: string,
  options: SnapshotOptions,
): Promise<void> {
  const { expected, followSymlinks = false } = options;
  const handle = await openDataset(file, options);
  try {
    const source = readSource(handle, file, followSymlinks);
    await (expected === undefined
      ? copy(source, to, options)
      : copyExpected(source, file, to, { ...options, expected }));
  } finally {
    await handle.close();
  }
}

async function copyExpected(
  source: AsyncIterable<Buffer>,
  file: string,
  to: string,
  options: SnapshotOptions & { readonly expected: FileIdentity },
): Promise<void> {
  const { expected, followSymlinks = false } = options;
  const hash = createHash('sha256');
  let bytes = 0;
  async function* hashed(): AsyncIterable<Buffer> {
    for await (const piece of source) {
      hash.update(piece);
      bytes += piece.byteLength;
      yield piece;
    }
  }
  try {
    await copy(hashed(), to, options);
  } catch (error) {
    // A file that is being written looks damaged; that it changed is the truer reason.
    if (error instanceof InvalidDatasetError) {
      requireSame(await identityOf(file, followSymlinks), expected);
    }
    throw error;
  }
  requireSame({ sha256: hash.digest('hex'), bytes }, expected);
}

async function copy(
  packed: AsyncIterable<Buffer>,
  to: string,
  { compression, encoding, maxBytes, hasShortLines = false }: SnapshotOptions,
): Promise<void> {
  const finished = (source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => {
    const whole = bounded(source, maxBytes);
    if (encoding === null) return whole;
    const text = decodeText(whole, encoding);
    return hasShortLines ? shortLines(text) : text;
  };
  const target = createWriteStream(to, { flags: 'wx' });
  try {
    if (compression === 'gzip') {
      const gunzip = createGunzip({ chunkSize: UNPACKED_BYTES });
      await pipeline(packed, gunzip, (source: AsyncIterable<Buffer>) => finished(source), target);
    } else {
      await pipeline(finished(compression === 'zstd' ? unpackedZstd(packed) : packed), target);
    }
  } catch (error) {
    throw asDatasetError(error);
  }
}

/** What cannot be read says so as what it is, so that all else that goes wrong in a copy is of where it is written. */
async function* readSource(
  handle: FileHandle,
  file: string,
  followSymlinks: boolean,
): AsyncIterable<Buffer> {
  try {
    yield* piecesOf(handle);
  } catch (error) {
    throw await meaningOf(error, file, followSymlinks);
  }
}

async function identityOf(file: string, followSymlinks: boolean): Promise<FileIdentity> {
  try {
    return await hashFile(file);
  } catch (error) {
    throw await meaningOf(error, file, followSymlinks);
  }
}

function requireSame(found: FileIdentity, expected: FileIdentity): void {
  if (found.sha256 === expected.sha256 && found.bytes === expected.bytes) return;
  throw new DatasetGoneError(
    `the file changed after it was seen: it had ${expected.bytes} bytes (sha256 ${expected.sha256.slice(0, 12)}…) and now has ${found.bytes} (${found.sha256.slice(0, 12)}…); its new content counts as another file. Write files under another name and rename them when they are complete`,
  );
}

async function* bounded(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) {
      throw new InvalidDatasetError(
        `the file holds more than ${maxBytes} bytes of data (unpacked, if it is packed), the most that is read; split it into smaller files`,
      );
    }
    yield piece;
  }
}

/** Errors that say something about the file, or about the disk that the copy is written to; all others stay what they are. */
function asDatasetError(error: unknown): unknown {
  if (error instanceof InvalidDatasetError || error instanceof InfrastructureError) return error;
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (String(error.code).startsWith('Z_')) {
    return new InvalidDatasetError(damagedArchive('gzip', error.message), { cause: error });
  }
  return asInfrastructureError(error, NO_COPY);
}

/** What was tried where the folder that a file is copied into, to be read there, fails. */
export const NO_COPY =
  'the file cannot be copied into the temporary folder of the worker (below CALMOPS_HOME)';
