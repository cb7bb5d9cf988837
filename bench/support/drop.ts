import { rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Puts a file into a watched folder in one step, as a careful sender does. */
export async function drop(folder: string, { name, text }: StreamFile): Promise<void> {
  const partial = path.join(folder, `.${name}.part`);
  await writeFile(partial, text);
  const now = new Date();
  await utimes(partial, now, now);
  await rename(partial, path.join(folder, name));
}
export interface StreamFile {
  readonly name: string;
  readonly text: string;
}
