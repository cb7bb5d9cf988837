import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { hasCode } from '../../core/error-code.ts';
import { withChecksum, withoutChecksum } from '../../store/checksum.ts';
import { asInfrastructureError } from '../../core/infrastructure-error.ts';

/**
 * The finished parts of long work under way: what an attempt that was killed leaves to the next one. On this
 * machine, or on a volume that several share; an attempt elsewhere begins anew and ends in the same result.
 */
export interface Checkpoints {
  /** how many milliseconds of work are worth keeping: what takes less is done again just as well */
  readonly worthMs: number;
  /** the parts of some work that earlier attempts left, by their names */
  read(work: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /**
   * Keeps parts of some work together, in one file.
   * @throws InfrastructureError
   */
  keep(work: string, parts: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Forgets work that has ended. */
  remove(work: string): Promise<void>;
  /** Forgets work that nobody has gone on with for a week: trainings that were cancelled, or given up, or are of older code. */
  sweep(): Promise<void>;
}

const WORTH_MS = 1_000;

const ABANDONED_MS = 7 * 24 * 60 * 60 * 1_000;

const SUFFIX = '.bin';

/**
 * Opens the checkpoints in a folder, which need not be there yet.
 * @param worthMs see `Checkpoints`
 */
export function openCheckpoints(folder: string, worthMs: number = WORTH_MS): Checkpoints {
  const folderOf = (work: string): string => path.join(folder, work);
  return {
    worthMs,
    read: async (work) => {
      const names = (await namesIn(folderOf(work))).filter((name) => name.endsWith(SUFFIX));
      const parts = new Map<string, Uint8Array>();
      for (const name of names) {
        const bytes = withoutChecksum(await readFile(path.join(folderOf(work), name)));
        // What is damaged is done again, as if it had never been kept.
        if (bytes === null) continue;
        for (const [part, content] of keptSchema.parse(deserialize(bytes))) {
          parts.set(part, content);
        }
      }
      return parts;
    },
    keep: async (work, parts) => {
      const target = path.join(folderOf(work), `${randomUUID()}${SUFFIX}`);
      const partial = `${target}.partial`;
      try {
        await mkdir(folderOf(work), { recursive: true });
        await writeFile(partial, withChecksum(serialize([...parts])));
        await rename(partial, target);
      } catch (error) {
        await rm(partial, { force: true });
        throw asInfrastructureError(error, 'a checkpoint of the training cannot be kept');
      }
    },
    remove: (work) => rm(folderOf(work), { recursive: true, force: true }),
    sweep: async () => {
      const oldest = Date.now() - ABANDONED_MS;
      for (const work of await namesIn(folder)) {
        // The time of a folder is that of the newest file in it.
        const keptAt = await changedAt(folderOf(work));
        if (keptAt < oldest) await rm(folderOf(work), { recursive: true, force: true });
      }
    },
  };
}

const keptSchema = z.array(z.tuple([z.string(), z.instanceof(Uint8Array)]));

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw asInfrastructureError(error, 'the checkpoints of the training cannot be read');
  }
}

/** In ms; Infinity for a folder that another attempt has removed in between. */
async function changedAt(folder: string): Promise<number> {
  try {
    return (await stat(folder)).mtimeMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return Infinity;
    throw asInfrastructureError(error, 'the checkpoints of the training cannot be read');
  }
}
