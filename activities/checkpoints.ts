import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeChunk, encodeChunk, type TreeChunk } from '../core/models/forest/chunk.ts';

/**
 * The grown trees of trainings under way: what an attempt that was killed leaves to the next one. On this
 * machine, or on a volume that several share; an attempt elsewhere begins anew and ends in the same model.
 */
export interface Checkpoints {
  /** the chunks that earlier attempts at a training left, in no order */
  read(training: string): Promise<readonly TreeChunk[]>;
  /** Keeps a chunk that took `tookMs` to grow, if that is longer than keeping it is worth. */
  keep(training: string, chunk: TreeChunk, tookMs: number): Promise<void>;
  /** Forgets a training that has ended. */
  remove(training: string): Promise<void>;
}

/** Chunks that grow faster are grown again just as well. */
const WORTH_MS = 1_000;

export function openCheckpoints(folder: string, worthMs: number = WORTH_MS): Checkpoints {
  const folderOf = (training: string): string => path.join(folder, training);
  return {
    read: async (training) => {
      const names = await namesIn(folderOf(training));
      const whole = names.filter((name) => name.endsWith('.bin'));
      return Promise.all(
        whole.map(async (name) => decodeChunk(await readFile(path.join(folderOf(training), name)))),
      );
    },
    keep: async (training, chunk, tookMs) => {
      if (tookMs < worthMs) return;
      await mkdir(folderOf(training), { recursive: true });
      const target = path.join(folderOf(training), `${chunk.firstTree}-${chunk.count}.bin`);
      const partial = `${target}.${randomUUID()}`;
      await writeFile(partial, encodeChunk(chunk));
      await rename(partial, target);
    },
    remove: (training) => rm(folderOf(training), { recursive: true, force: true }),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
