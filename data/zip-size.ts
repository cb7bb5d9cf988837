import { inflateRawSync } from 'node:zlib';
import { InvalidDatasetError } from './invalid-dataset.ts';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const DEFLATED = 8;

/**
 * Checks what a zip archive unpacks to, by unpacking it: the sizes that it states may be lies.
 * @throws InvalidDatasetError if it is damaged or unpacks to more than `maxBytes`
 */
export function requireBoundedZip(zip: Buffer, maxBytes: number): void {
  let left = maxBytes;
  for (const { start, packedBytes, method } of entriesOf(zip)) {
    const packed = zip.subarray(start, start + packedBytes);
    left -= method === DEFLATED ? inflatedBytes(packed, left, maxBytes) : packed.length;
    if (left < 0) throw tooLarge(maxBytes);
  }
}

function inflatedBytes(packed: Buffer, left: number, maxBytes: number): number {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, left) }).byteLength;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw damaged(error.message);
  }
}

interface ZipEntry {
  readonly start: number;
  readonly packedBytes: number;
  readonly method: number;
}

/** The entries of the central directory. */
function* entriesOf(zip: Buffer): Iterable<ZipEntry> {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + END_BYTES > zip.length || zip.readUInt32LE(end) !== END_SIGNATURE) {
    throw damaged('no central directory');
  }
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  for (let k = 0; k < count; k++) {
    if (at + ENTRY_BYTES > zip.length || zip.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      throw damaged(`entry ${k + 1} of ${count} is not where it should be`);
    }
    const local = zip.readUInt32LE(at + 42);
    if (local + LOCAL_BYTES > zip.length) throw damaged(`entry ${k + 1} of ${count} is cut`);
    const start = local + LOCAL_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    yield { start, packedBytes: zip.readUInt32LE(at + 20), method: zip.readUInt16LE(at + 10) };
    at +=
      ENTRY_BYTES +
      zip.readUInt16LE(at + 28) +
      zip.readUInt16LE(at + 30) +
      zip.readUInt16LE(at + 32);
  }
}

function damaged(why: string): InvalidDatasetError {
  return new InvalidDatasetError(
    `the workbook is damaged or cut short (${why}); expected a complete one`,
  );
}

function tooLarge(maxBytes: number): InvalidDatasetError {
  return new InvalidDatasetError(
    `the workbook unpacks to more than ${maxBytes} bytes, the most that is read; save it as csv or parquet`,
  );
}
