import { realpath } from 'node:fs/promises';
import { dirname, join, parse, relative, resolve, sep } from 'node:path';

/** A folder whose files are CalmOps' own or a pipeline's, and not data that arrives. */
export interface KeptFolder {
  readonly path: string;
  /** such as "the store" */
  readonly what: string;
  /** whether the folders below it are kept too */
  readonly deep: boolean;
}

/** The folders in the home of CalmOps that no pipeline may watch. */
export function keptIn(home: string): readonly KeptFolder[] {
  return [
    { path: join(home, 'store'), what: 'the store', deep: true },
    ...['scratch', 'checkpoints', 'bin'].map((name) => ({
      ...{ path: join(home, name), what: `a folder of CalmOps' own (${name})`, deep: true },
    })),
    { path: home, what: 'the home folder of CalmOps', deep: false },
  ];
}

/**
 * Why a folder cannot be the one whose files are taken as data: they would be fed to themselves, or a file that arrives
 * could take the place of a pipeline's code. Links are followed to what they lead to.
 * @returns such as "the store"; null if the folder can be watched
 */
export async function keptAt(folder: string, kept: readonly KeptFolder[]): Promise<string | null> {
  const inbox = await realPlaceOf(resolve(folder));
  if (inbox === parse(inbox).root) return 'the root of the file system';
  for (const { path, what, deep } of kept) {
    const place = await realPlaceOf(resolve(path));
    if (inbox === place) return what;
    if (deep && isWithin(inbox, place)) return `within ${what}`;
  }
  return null;
}

function isWithin(inner: string, outer: string): boolean {
  const way = relative(outer, inner);
  return way !== '..' && !way.startsWith(`..${sep}`) && resolve(outer, way) === inner;
}

/** The place that a path leads to; of one that is not there yet, that of the nearest folder above it which is. */
async function realPlaceOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(await realPlaceOf(above), relative(above, path));
  }
}
