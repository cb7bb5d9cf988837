import { createHash } from 'node:crypto';
import { readPieces } from './read-pieces.ts';

/** What a file's content is known by. */
export interface FileIdentity {
  /** lower-case hexadecimal */
  readonly sha256: string;
  readonly bytes: number;
}

/** The identity of a file's content, read in pieces. File system errors pass through. */
export function hashFile(path: string): Promise<FileIdentity> {
  return hashPieces(readPieces(path));
}

/** The same of pieces of content, in their order. */
export async function hashPieces(pieces: AsyncIterable<Uint8Array>): Promise<FileIdentity> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    bytes += piece.byteLength;
  }
  return { sha256: hash.digest('hex'), bytes };
}
