import { InvalidDatasetError } from './invalid-dataset.ts';
import { countLineFeeds, LINE_FEED } from './line-feeds.ts';
import { readPieces } from './read-pieces.ts';

/** Of a line of text in any format: what is longer is no row of a table, and has to be held in one piece. */
export const MAX_LINE_LENGTH = 2 ** 21;

/**
 * The same text with `\n` line ends, piece by piece as it comes.
 * @throws InvalidDatasetError naming the first line of more than 2 MiB, of which DuckDB may say nothing
 */
export async function* shortLines(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let before = 0;
  let length = 0;
  for await (const piece of source) {
    // Lines that begin and end within a piece are shorter than it.
    const first = piece.indexOf(LINE_FEED);
    if (length + (first < 0 ? piece.length : first) > MAX_LINE_LENGTH) throw tooLong(before + 1);
    if (first < 0) length += piece.length;
    else {
      length = piece.length - 1 - piece.lastIndexOf(LINE_FEED);
      before += countLineFeeds(piece);
    }
    yield piece;
  }
}

/**
 * The lines of a UTF-8 file with `\n` line ends.
 * @throws InvalidDatasetError naming a line of more than 2 MiB
 */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let before = 0;
  let rest = '';
  for await (const piece of readPieces(file)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    const long = [...lines, rest].findIndex(({ length }) => length > MAX_LINE_LENGTH);
    if (long >= 0) throw tooLong(before + long + 1);
    before += lines.length;
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function tooLong(line: number): InvalidDatasetError {
  return new InvalidDatasetError(
    `line ${line} has more than ${MAX_LINE_LENGTH} characters, the most that is read; is a quote left open, or are the line ends missing?`,
  );
}
