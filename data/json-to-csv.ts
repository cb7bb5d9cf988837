import { open, type FileHandle } from 'node:fs/promises';
import { InvalidDatasetError } from './invalid-dataset.ts';
import {
  JsonRecordReader,
  noKeys,
  type JsonKeys,
  type JsonLayout,
  type JsonRecord,
} from './json-records.ts';
import { requireSize, type ReadLimits } from './read-limits.ts';
import { readPieces } from './read-pieces.ts';

export interface JsonToCsv {
  readonly layout: JsonLayout;
  readonly limits: ReadLimits;
}

/**
 * Writes flat objects as comma-separated text under a line for the header, which is then read like any other: numbers
 * as they are written, texts without spaces around them, nothing for null and absent keys.
 * @param file UTF-8 with `\n` line ends
 * @returns the keys in the order in which they first occur, and the indices of those that have a number for a value
 * @throws InvalidDatasetError naming the line of what is no flat object, or if there are more keys or objects than allowed
 */
export async function jsonToCsv(
  file: string,
  to: string,
  { layout, limits }: JsonToCsv,
): Promise<{ readonly names: readonly string[]; readonly numbers: ReadonlySet<number> }> {
  const keys = noKeys();
  const numbers = new Set<number>();
  const isComplete = await writeRows(file, to, { layout, limits, keys, numbers });
  if (keys.names.length === 0) {
    throw new InvalidDatasetError('no object of the file has a key; expected columns by name');
  }
  // Rows before the last new key were too short.
  if (!isComplete) await writeRows(file, to, { layout, limits, keys, numbers });
  return { names: keys.names, numbers };
}

/** False if keys came up after the first row: what was written is to be written again. */
async function writeRows(
  file: string,
  to: string,
  {
    layout,
    limits,
    keys,
    numbers,
  }: JsonToCsv & {
    readonly keys: JsonKeys;
    /** to be added to */
    readonly numbers: Set<number>;
  },
): Promise<boolean> {
  const { names } = keys;
  const reader = new JsonRecordReader(layout, keys, limits);
  const out = new CsvRows(await open(to, 'w'));
  let columns = names.length;
  let isComplete = true;
  async function take(piece: Uint8Array, isLast: boolean): Promise<void> {
    for (const record of reader.take(piece, isLast)) {
      if (names.length > columns) {
        isComplete &&= reader.rows === 1;
        columns = names.length;
        requireSize({ rows: reader.rows, columns }, limits);
      }
      if (!isComplete) continue;
      noteNumbers(record, columns, numbers);
      if (reader.rows === 1) out.header(columns);
      out.row(record, columns);
      if (out.isFull) await out.flush();
    }
    requireSize({ rows: reader.rows, columns }, limits);
  }
  try {
    for await (const piece of readPieces(file)) await take(piece, false);
    await take(new Uint8Array(0), true);
    await out.flush();
  } finally {
    await out.close();
  }
  return isComplete;
}

/** Adds the columns whose value is a number, which stands without quotes. */
function noteNumbers(
  { starts, unescaped, bytes }: JsonRecord,
  columns: number,
  numbers: Set<number>,
): void {
  for (let j = 0; j < columns; j++) {
    const start = starts[j] ?? -1;
    if (start < 0 || unescaped[j] !== undefined || bytes[start - 1] === QUOTE || numbers.has(j)) {
      continue;
    }
    const byte = bytes[start] ?? 0;
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) numbers.add(j);
  }
}

const FLUSHED_BYTES = 1 << 20;
const [LF, CR, SPACE, QUOTE, COMMA] = [0x0a, 0x0d, 0x20, 0x22, 0x2c];
const [MINUS, ZERO, NINE] = [0x2d, 0x30, 0x39];

/** Text of rows on its way into a file. */
class CsvRows {
  readonly #file: FileHandle;
  #text = Buffer.allocUnsafe(4096);
  #length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get isFull(): boolean {
    return this.#length >= FLUSHED_BYTES;
  }

  /** A line in place of names, which are told by the way. */
  header(columns: number): void {
    this.#makeRoom(2 * columns);
    for (let j = 0; j < columns; j++) {
      this.#text[this.#length++] = 0x63;
      this.#text[this.#length++] = j === columns - 1 ? LF : COMMA;
    }
  }

  row({ starts, ends, unescaped, bytes }: JsonRecord, columns: number): void {
    for (let j = 0; j < columns; j++) {
      const start = starts[j] ?? -1;
      const own = unescaped[j];
      if (start < 0) this.#field(bytes, 0, 0, columns);
      else if (own === undefined) this.#field(bytes, start, ends[j] ?? start, columns);
      else this.#field(own, 0, own.length, columns);
      this.#text[this.#length++] = j === columns - 1 ? LF : COMMA;
    }
  }

  async flush(): Promise<void> {
    for (let at = 0; at < this.#length;) {
      at += (await this.#file.write(this.#text, at, this.#length - at)).bytesWritten;
    }
    this.#length = 0;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Leaves room for the character after it. */
  #field(bytes: Buffer, from: number, to: number, columns: number): void {
    let [start, end] = [from, to];
    while (start < end && bytes[start] === SPACE) start++;
    while (start < end && bytes[end - 1] === SPACE) end--;
    this.#makeRoom(2 * (end - start) + 3);
    const text = this.#text;
    // A line without anything would be passed over.
    const isBlankLine = columns === 1 && start === end;
    if (isBlankLine || needsQuotes(bytes, start, end)) {
      this.#quoted(bytes, start, end);
      return;
    }
    let at = this.#length;
    for (let i = start; i < end; i++) text[at++] = bytes[i] ?? 0;
    this.#length = at;
  }

  #quoted(bytes: Buffer, start: number, end: number): void {
    const text = this.#text;
    let at = this.#length;
    text[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === QUOTE) text[at++] = QUOTE;
      text[at++] = byte;
    }
    text[at++] = QUOTE;
    this.#length = at;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#text.length) return;
    const grown = Buffer.allocUnsafe(2 * needed);
    this.#text.copy(grown, 0, 0, this.#length);
    this.#text = grown;
  }
}

function needsQuotes(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === COMMA || byte === QUOTE || byte === LF || byte === CR) return true;
  }
  return false;
}
