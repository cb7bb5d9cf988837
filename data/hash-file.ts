import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What a file's content is known by. */
export interface FileIdentity {
  /** lower-case hexadecimal */
  readonly sha256: string;
  readonly bytes: number;
}

/** The identity of a file's content, read in pieces. File system errors pass through. */
export async function hashFile(path: string): Promise<FileIdentity> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const buffer = chunk as Buffer;
    hash.update(buffer);
    bytes += buffer.byteLength;
  }
  return { sha256: hash.digest('hex'), bytes };
}
