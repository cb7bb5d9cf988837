import { readFile, stat } from 'node:fs/promises';
import { hasCode } from '../core/error-code.ts';
import { atStart, unreadable, type Problem } from './problem.ts';

/** A file of a pipeline: its bytes, that it is not there, or why it cannot be read. */
export type PipelineFile =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly problem: Problem };

/**
 * Reads a file of a pipeline. Nothing that is found at its place is an error here: one pipeline's trouble must not
 * reach the others.
 * @param maxBytes a larger file is not read
 */
export async function readPipelineFile(path: string, maxBytes: number): Promise<PipelineFile> {
  try {
    const stats = await stat(path);
    // Opening a named pipe would wait for a writer for ever.
    if (!stats.isFile()) return wrong(path, 'something that is not a file', 'a file');
    if (stats.size > maxBytes) return tooLarge(path, stats.size, maxBytes);
    const bytes = await readFile(path);
    if (bytes.length > maxBytes) return tooLarge(path, bytes.length, maxBytes);
    return { kind: 'read', bytes };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      return { kind: 'absent' };
    }
    return { kind: 'unreadable', problem: unreadable(path, error, 'a file') };
  }
}

function tooLarge(path: string, bytes: number, maxBytes: number): PipelineFile {
  return wrong(path, `${bytes} bytes`, `at most ${maxBytes}`);
}

function wrong(path: string, found: string, expected: string): PipelineFile {
  return { kind: 'unreadable', problem: atStart(path, found, expected) };
}
