import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Settings } from '../shell/settings.ts';

/** What `<home>/temporal-server.json` says of the embedded server. */
const recordSchema = z.object({
  pid: z.int().positive(),
  /** the process that stops it when it ends */
  owner: z.int().positive(),
});
type ServerRecord = z.output<typeof recordSchema>;

/** Says that the server is this process's. */
export async function writeServerRecord(settings: Settings, pid: number): Promise<void> {
  const record: ServerRecord = { pid, owner: process.pid };
  const file = recordFile(settings);
  const partial = `${file}.${process.pid}`;
  try {
    await writeFile(partial, JSON.stringify(record));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** null when nothing is said */
export async function readServerRecord(settings: Settings): Promise<ServerRecord | null> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(recordFile(settings), 'utf8')));
  } catch {
    // Absent, or damaged: then the server, if one runs, is nobody's.
    return null;
  }
}

export async function removeServerRecord(settings: Settings): Promise<void> {
  await rm(recordFile(settings), { force: true });
}

function recordFile(settings: Settings): string {
  return path.join(settings.home, 'temporal-server.json');
}
