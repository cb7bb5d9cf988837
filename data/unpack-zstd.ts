import { Decompress } from 'fzstd';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { ZstdFrames } from './zstd-frames.ts';

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
  const frames = new ZstdFrames(requireWindow);
  for await (const piece of source) {
    frames.take(piece);
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
