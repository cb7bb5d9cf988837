import { Decompress } from 'fzstd';
import { InvalidDatasetError } from './invalid-dataset.ts';

/** A zstd block of 4 bytes can stand for 128 KiB: this bounds what one step unpacks to 128 MiB. */
const STEP_BYTES = 4096;

/** As much as the program zstd takes unless it is told otherwise. The whole of it is set aside to unpack a file. */
const MAX_WINDOW_BYTES = 2 ** 27;

/** @throws InvalidDatasetError if it is no complete zstd file, or needs a larger window than is given */
export async function* unpackedZstd(source: AsyncIterable<Buffer>): AsyncIterable<Uint8Array> {
  let ready: Uint8Array[] = [];
  const decompress = new Decompress((piece) => ready.push(piece));
  function step(part: Uint8Array, isLast: boolean): readonly Uint8Array[] {
    ready = [];
    try {
      decompress.push(part, isLast);
    } catch (error) {
      throw asInvalidDataset(error);
    }
    return ready;
  }
  let isFirst = true;
  for await (const piece of source) {
    if (isFirst) requireWindow(windowOf(piece));
    isFirst = false;
    for (let at = 0; at < piece.length; at += STEP_BYTES) {
      yield* step(piece.subarray(at, at + STEP_BYTES), false);
    }
  }
  yield* step(new Uint8Array(0), true);
}

/** What a packed file that cannot be unpacked is said to be. */
export function damagedArchive(kind: string, why: string): string {
  return `the ${kind} file is damaged or cut short (${why}); expected a complete one`;
}

/** fzstd's code for a window that it cannot address. */
const WINDOW_TOO_LARGE = 1;

function asInvalidDataset(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const isOfWindow =
    (error instanceof RangeError && error.message.startsWith('Invalid typed array length')) ||
    ('code' in error && error.code === WINDOW_TOO_LARGE);
  const message = isOfWindow
    ? windowTooLarge('more than 2 GiB')
    : damagedArchive('zstd', error.message);
  return new InvalidDatasetError(message, { cause: error });
}

function requireWindow(bytes: number): void {
  if (bytes <= MAX_WINDOW_BYTES) return;
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  throw new InvalidDatasetError(windowTooLarge(`${mebibytes} MiB`));
}

function windowTooLarge(needed: string): string {
  return `unpacking the zstd file takes a window of ${needed}, at most ${MAX_WINDOW_BYTES / 2 ** 20} MiB are given; pack it with --long=27 or less`;
}

const MAGIC = 0xfd2fb528;
/** Bytes of the frame's size, by the two highest bits of its descriptor. */
const SIZE_BYTES = [0, 2, 4, 8];

/** Bytes of the window of the frame that begins here (RFC 8878, 3.1.1.1); 0 if none does. */
function windowOf(start: Buffer): number {
  if (start.length < 14 || start.readUInt32LE(0) !== MAGIC) return 0;
  const descriptor = start.readUInt8(4);
  const isOneSegment = (descriptor & 0x20) !== 0;
  if (!isOneSegment) {
    const { exponent, mantissa } = {
      exponent: start.readUInt8(5) >> 3,
      mantissa: start.readUInt8(5) & 7,
    };
    const base = 2 ** (10 + exponent);
    return base + (base / 8) * mantissa;
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = SIZE_BYTES[descriptor >> 6] ?? 0;
  let size = 0;
  for (let i = sizeBytes - 1; i >= 0; i--)
    size = size * 256 + start.readUInt8(5 + dictionaryBytes + i);
  return size;
}
