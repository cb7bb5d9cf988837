import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** Folders of the home that are empty when all work is finished, by what is in them meanwhile. */
const TEMPORARY = {
  'store/.tmp': 'an artefact that was being written',
  scratch: 'a copy of a file that was being read',
  checkpoints: 'a checkpoint of finished work',
} as const;

/** What was left in folders whose content does not outlive its work. */
export async function checkLeftovers(home: string): Promise<readonly string[]> {
  const found = await Promise.all(
    Object.entries(TEMPORARY).map(async ([folder, what]) => {
      const place = path.join(home, folder);
      if (!existsSync(place)) return [];
      const entries = await readdir(place, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(home, path.join(entry.parentPath, entry.name)))
        .map((file) => `${what} was left: ${file}`);
    }),
  );
  return found.flat();
}
