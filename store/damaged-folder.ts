import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { hasCode } from '../core/error-code.ts';

/** In the folder of a store: where damaged artefacts are kept for people to look at. No uri can lead into it. */
export const DAMAGED_FOLDER = '.damaged';

const MAX_NAME = 200;

const noticeSchema = z.object({ uri: z.string(), wrong: z.string(), since: z.iso.datetime() });

/**
 * Moves a damaged artefact into the folder of damaged ones, under a name of its own.
 * @param folder absolute, of damaged artefacts; it exists
 * @param place absolute path of the artefact
 */
export async function moveAside(folder: string, uri: string, place: string): Promise<void> {
  // The end of a uri tells most, and the whole of a long one is no name of a file.
  const name = uri.replaceAll('/', '_').slice(-MAX_NAME);
  await rename(place, path.join(folder, `${name}.${randomUUID()}`));
}

/**
 * Remembers when a damage was met first, in a file that people can read.
 * @param folder absolute, of damaged artefacts; it exists
 * @param wrong what is wrong, in words that are the same whenever the same damage is met
 * @returns ISO 8601, the moment at which it was met first
 */
export async function firstNoticed(folder: string, uri: string, wrong: string): Promise<string> {
  const notices = path.join(folder, 'notices');
  await mkdir(notices, { recursive: true });
  const name = createHash('sha256').update(`${uri}\n${wrong}`).digest('hex').slice(0, 32);
  const file = path.join(notices, `${name}.json`);
  const since = new Date().toISOString();
  try {
    await writeFile(file, `${JSON.stringify({ uri, wrong, since })}\n`, { flag: 'wx' });
    return since;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return (await readNotice(file))?.since ?? since;
}

/** null where the notice is being written at this moment, or is damaged itself. */
async function readNotice(file: string): Promise<z.infer<typeof noticeSchema> | null> {
  const text = await readFile(file, 'utf8');
  try {
    return noticeSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
