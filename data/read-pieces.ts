import { open, type FileHandle } from 'node:fs/promises';

/** Larger pieces are hardly read faster. */
const MOST_BYTES = 1 << 20;

/**
 * The content of a file in pieces of up to a megabyte. File system errors pass through.
 *
 * A piece takes no more memory than the file is long: what is set aside outside of the heap counts for the garbage
 * collector even if nothing is ever written there, and with many small files it would collect most of the time.
 */
export async function* readPieces(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file);
  try {
    yield* piecesOf(handle);
  } finally {
    await handle.close();
  }
}

/** The same of a file that is open, from its beginning; it stays open. */
export async function* piecesOf(handle: FileHandle): AsyncGenerator<Buffer> {
  const { size } = await handle.stat();
  // At least one, so that the end of an empty file is noticed.
  const highWaterMark = Math.min(Math.max(size, 1), MOST_BYTES);
  const stream = handle.createReadStream({ highWaterMark, start: 0, autoClose: false });
  for await (const piece of stream) yield piece as Buffer;
}
