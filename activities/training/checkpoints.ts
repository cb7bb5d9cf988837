import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withChecksum, withoutChecksum } from '../checksum.ts';
import { asInfrastructureError } from '../../core/infrastructure-error.ts';

/**
 * The finished parts of long work under way: what an attempt that was killed leaves to the next one. On this
 * machine, or on a volume that several share; an attempt elsewhere begins anew and ends in the same result.
 */
export interface Checkpoints {
  /** the parts of some work that earlier attempts left, by their names */
  read(work: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /**
   * Keeps a part that took `tookMs`, in the place of an earlier one of its name, if it took long enough to be worth it.
   * @returns whether it did
   */
  keep(work: string, part: string, bytes: Uint8Array, tookMs: number): Promise<boolean>;
  /** Forgets work that has ended. */
  remove(work: string): Promise<void>;
}

/** Parts that take less are done again just as well. */
const WORTH_MS = 1_000;

const SUFFIX = '.bin';

export function openCheckpoints(folder: string, worthMs: number = WORTH_MS): Checkpoints {
  const folderOf = (work: string): string => path.join(folder, work);
  return {
    read: async (work) => {
      const names = (await namesIn(folderOf(work))).filter((name) => name.endsWith(SUFFIX));
      const parts = new Map<string, Uint8Array>();
      for (const name of names) {
        const bytes = withoutChecksum(await readFile(path.join(folderOf(work), name)));
        // A damaged part is done again, as one that was never kept.
        if (bytes !== null) parts.set(name.slice(0, -SUFFIX.length), bytes);
      }
      return parts;
    },
    keep: async (work, part, bytes, tookMs) => {
      if (tookMs < worthMs) return false;
      await mkdir(folderOf(work), { recursive: true });
      const target = path.join(folderOf(work), `${part}${SUFFIX}`);
      const partial = `${target}.${randomUUID()}`;
      try {
        await writeFile(partial, withChecksum(bytes));
        await rename(partial, target);
      } catch (error) {
        await rm(partial, { force: true });
        throw asInfrastructureError(error, 'a checkpoint of the training cannot be kept');
      }
      return true;
    },
    remove: (work) => rm(folderOf(work), { recursive: true, force: true }),
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
