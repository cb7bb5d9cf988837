import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import type { FileForm } from './dataset-format.ts';
import { hashFile } from './hash-file.ts';
import type { FileIdentity } from './hash-file.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { decodeText } from './decode-text.ts';
import { readPieces } from './read-pieces.ts';
import type { TextEncoding } from './decode-text.ts';

const UNPACKED_BYTES = 1 << 20;
/** A zstd block of 4 bytes can stand for 128 KiB: this bounds what one step unpacks to 128 MiB. */
const ZSTD_STEP_BYTES = 4096;

export interface SnapshotOptions {
  readonly compression: FileForm['compression'];
  /** null: the bytes as they are; otherwise brought to UTF-8 with `\n` line ends and no byte order mark */
  readonly encoding: TextEncoding | null;
  /** most bytes of the snapshot */
  readonly maxBytes: number;
  /** what the file is supposed to be; it is hashed only where this is known */
  readonly expected: FileIdentity | undefined;
}

/**
 * Copies a dataset file, unpacked and as UTF-8 text where it is text, so that what is read afterwards is
 * what was compared with `expected` here, whatever happens to the file meanwhile.
 * @throws InvalidDatasetError if the file is not there, not a regular file, not readable, not what was
 *   expected, damaged, too large when unpacked, or not text in the given encoding
 */
export async function takeSnapshot(
  file: string,
  to: string,
  options: SnapshotOptions,
): Promise<void> {
  await requireRegularFile(file);
  const hash = createHash('sha256');
  let bytes = 0;
  async function* hashed(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const piece of source) {
      hash.update(piece);
      bytes += piece.byteLength;
      yield piece;
    }
  }
  const { compression, encoding, maxBytes, expected } = options;
  const read = readPieces(file);
  const packed = expected === undefined ? read : hashed(read);
  const finished = (source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
    encoding === null ? bounded(source, maxBytes) : decodeText(bounded(source, maxBytes), encoding);
  const target = createWriteStream(to, { flags: 'wx' });
  try {
    if (compression === 'gzip') {
      const gunzip = createGunzip({ chunkSize: UNPACKED_BYTES });
      await pipeline(packed, gunzip, (source: AsyncIterable<Buffer>) => finished(source), target);
    } else {
      await pipeline(finished(compression === 'zstd' ? unpackedZstd(packed) : packed), target);
    }
  } catch (error) {
    // A file that is being written looks damaged; that it changed is the truer reason.
    if (expected !== undefined) requireSame(await identityOf(file), expected);
    throw asInvalidDataset(error, file);
  }
  if (expected !== undefined) requireSame({ sha256: hash.digest('hex'), bytes }, expected);
}

async function requireRegularFile(file: string): Promise<void> {
  try {
    const found = await stat(file);
    if (found.isFile()) return;
    const kind = found.isDirectory() ? 'a folder' : 'a device, pipe or socket';
    throw new InvalidDatasetError(`found ${kind} of this name; expected a regular file`);
  } catch (error) {
    throw asInvalidDataset(error, file);
  }
}

async function identityOf(file: string): Promise<FileIdentity> {
  try {
    return await hashFile(file);
  } catch (error) {
    throw asInvalidDataset(error, file);
  }
}

function requireSame(found: FileIdentity, expected: FileIdentity): void {
  if (found.sha256 === expected.sha256 && found.bytes === expected.bytes) return;
  throw new InvalidDatasetError(
    `the file changed after it was seen: it had ${expected.bytes} bytes (sha256 ${expected.sha256.slice(0, 12)}…) and now has ${found.bytes} (${found.sha256.slice(0, 12)}…); its new content counts as another file. Write files under another name and rename them when they are complete`,
  );
}

async function* unpackedZstd(source: AsyncIterable<Buffer>): AsyncIterable<Uint8Array> {
  let ready: Uint8Array[] = [];
  const decompress = new Decompress((piece) => ready.push(piece));
  function step(part: Uint8Array, isLast: boolean): readonly Uint8Array[] {
    ready = [];
    try {
      decompress.push(part, isLast);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new InvalidDatasetError(damagedArchive('zstd', error.message), { cause: error });
    }
    return ready;
  }
  for await (const piece of source) {
    for (let at = 0; at < piece.length; at += ZSTD_STEP_BYTES) {
      yield* step(piece.subarray(at, at + ZSTD_STEP_BYTES), false);
    }
  }
  yield* step(new Uint8Array(0), true);
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

function damagedArchive(kind: string, why: string): string {
  return `the ${kind} file is damaged or cut short (${why}); expected a complete one`;
}

/** Errors that say something about the file; all others stay what they are. */
function asInvalidDataset(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  if (code.startsWith('Z_')) {
    return new InvalidDatasetError(damagedArchive('gzip', error.message), { cause: error });
  }
  const meaning = 'path' in error && error.path === file ? FILE_ERRORS[code] : undefined;
  return meaning === undefined ? error : new InvalidDatasetError(meaning, { cause: error });
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'the file is gone: it was removed or renamed before it was read; drop it again',
  ENOTDIR: 'the file is gone: its folder was replaced before it was read; drop it again',
  EACCES: 'no permission to read the file; let the user that CalmOps runs as read it',
  EPERM: 'no permission to read the file; let the user that CalmOps runs as read it',
  ELOOP: 'the file is a symbolic link that leads in a circle; expected a regular file',
};
