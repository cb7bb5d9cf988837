import { isUtf8 } from 'node:buffer';
import type { PipelineConfig } from '../pipelines/schema.ts';
import { InvalidDatasetError } from './invalid-dataset.ts';
import { countLineFeeds } from './line-feeds.ts';

export type TextEncoding = PipelineConfig['files']['csv']['encoding'];

const LF = 0x0a;
const CR = 0x0d;

/**
 * Text in any of the known encodings as UTF-8 without a byte order mark, each line end (`\r\n`, `\r`, `\n`) as `\n`.
 *
 * Latin-1 is read as its superset Windows-1252, as browsers do.
 * @throws InvalidDatasetError naming the line if the bytes are not text in this encoding
 */
export async function* decodeText(
  source: AsyncIterable<Uint8Array>,
  encoding: TextEncoding,
): AsyncIterable<Uint8Array> {
  const at: Place = { line: 1 };
  const utf8 = encoding === 'utf-8' ? checkedUtf8(source, at) : transcoded(source, encoding);
  let isFirst = true;
  let endsWithCr = false;
  for await (const piece of utf8) {
    const nul = piece.indexOf(0);
    if (nul >= 0) {
      const line = at.line + countLineFeeds(piece.subarray(0, nul));
      throw new InvalidDatasetError(
        `line ${line} holds a NUL byte: this is not ${encoding} text but binary data or another encoding; expected text (see files.csv.encoding)`,
      );
    }
    const text = isFirst ? withoutByteOrderMark(piece) : piece;
    isFirst = false;
    const normal = withLineFeeds(text, endsWithCr);
    endsWithCr = text.at(-1) === CR;
    at.line += countLineFeeds(normal);
    yield normal;
  }
}

/** The line that the next piece begins in. */
interface Place {
  line: number;
}

/** The same bytes in pieces of whole characters. */
async function* checkedUtf8(
  source: AsyncIterable<Uint8Array>,
  at: Readonly<Place>,
): AsyncIterable<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of source) {
    const bytes =
      rest.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
        : Buffer.concat([rest, piece]);
    const whole = bytes.subarray(0, bytes.length - incompleteTail(bytes));
    if (!isUtf8(whole)) throw notUtf8(whole, at.line);
    rest = bytes.subarray(whole.length);
    if (whole.length > 0) yield whole;
  }
  if (rest.length > 0) throw notUtf8(rest, at.line);
}

async function* transcoded(
  source: AsyncIterable<Uint8Array>,
  encoding: TextEncoding,
): AsyncIterable<Buffer> {
  let decoder;
  try {
    for await (const piece of source) {
      decoder ??= new TextDecoder(decoderLabel(encoding, piece), { fatal: true });
      yield Buffer.from(decoder.decode(piece, { stream: true }));
    }
    yield Buffer.from(decoder?.decode() ?? '');
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InvalidDatasetError(
      `the file is not valid ${encoding} text; set files.csv.encoding to the encoding it was written in`,
      { cause: error },
    );
  }
}

function decoderLabel(encoding: TextEncoding, start: Uint8Array): string {
  if (encoding !== 'utf-16') return encoding === 'latin-1' ? 'windows-1252' : encoding;
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-16le';
}

/** How many bytes at the end begin a character that the next piece completes. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

function notUtf8(bytes: Buffer, firstLine: number): InvalidDatasetError {
  let line = firstLine;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(LF, start);
    const text = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (end < 0 || !isUtf8(text)) {
      const valid = new TextDecoder().decode(text).split('\uFFFD', 1)[0] ?? '';
      const byte = text[Buffer.byteLength(valid)] ?? 0;
      const found = `byte 0x${byte.toString(16)}`;
      return new InvalidDatasetError(
        `line ${line} holds ${found}, which is not UTF-8; write the file as UTF-8, or set files.csv.encoding (latin-1, utf-16)`,
      );
    }
    start = end + 1;
  }
}

function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return isMarked ? bytes.subarray(3) : bytes;
}

/** @param afterCr the piece before ended with `\r`, which was written as `\n` */
function withLineFeeds(bytes: Uint8Array, afterCr: boolean): Uint8Array {
  const from = afterCr && bytes[0] === LF ? 1 : 0;
  if (!bytes.includes(CR)) return bytes.subarray(from);
  const out = new Uint8Array(bytes.length);
  let n = 0;
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    out[n++] = byte === CR ? LF : byte;
    if (byte === CR && bytes[i + 1] === LF) i++;
  }
  return out.subarray(0, n);
}
