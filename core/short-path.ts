/** A path for a message, in at most this many characters: of a long one the end tells most. */
const MOST = 160;

/** A path as messages show it: of one that is long the beginning is left out. */
export function shortPath(path: string): string {
  return path.length <= MOST ? path : `…${path.slice(1 - MOST)}`;
}
