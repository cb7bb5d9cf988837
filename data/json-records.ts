import { InvalidDatasetError, shown } from './invalid-dataset.ts';
import { endsWord, isJsonWord, MAX_WORD, unescapedJson } from './json-text.ts';
import { JSON_BYTES as BYTES } from './json-text.ts';
import { countLineFeeds } from './line-feeds.ts';
import { requireSize, type ReadLimits } from './read-limits.ts';

/** How a file of objects is laid out: an array of them or one after the other; one a line. */
export type JsonLayout = 'json' | 'jsonl';

/** The texts of one object's values, of which those without special characters are where they stood in the file. */
export interface JsonRecord {
  /** by column; absent or null values have -1 */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** by column: what stood with escapes in the file, else undefined */
  readonly unescaped: readonly (Buffer | undefined)[];
  readonly bytes: Buffer;
}

/** The columns found so far: the keys in the order in which they first occur. */
export interface JsonKeys {
  readonly names: string[];
  readonly raw: Buffer[];
  readonly columnOf: Map<string, number>;
  readonly lower: Set<string>;
}

export const noKeys = (): JsonKeys => ({
  names: [],
  raw: [],
  columnOf: new Map(),
  lower: new Set(),
});

/** Of an object's text. A longer one is no record of a table, and has to be held in one piece. */
const MAX_RECORD_BYTES = 2_000_000;
const MAX_KEY_LENGTH = 300;

const EXPECTED: Readonly<Record<JsonLayout, string>> = {
  json: 'an array of flat objects, [{"a": 1}, …] (pandas: to_json(orient="records"))',
  jsonl: 'one flat object a line, {"a": 1}',
};

/** More text is needed to go on. */
class Unfinished extends Error {}

/**
 * Reads flat objects, one after the other, in bounded memory and without recursion, however the file is made: an object
 * or list within an object is refused where it begins.
 *
 * Line breaks are `\n`. As other readers do, it takes a comma after the last item, NaN and Infinity.
 */
export class JsonRecordReader {
  readonly #layout: JsonLayout;
  readonly #keys: JsonKeys;
  readonly #limits: ReadLimits;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #isLast = false;
  #line = 1;
  #state: 'start' | 'item' | 'after item' | 'end' = 'start';
  #isList = false;
  #rows = 0;
  #starts: Int32Array;
  #ends: Int32Array;
  #unescaped: (Buffer | undefined)[] = [];
  /** by column: the attempt to read an object that met its key last, which shows a key that stands twice */
  #seenIn: Int32Array;
  #attempt = 0;

  constructor(layout: JsonLayout, keys: JsonKeys, limits: ReadLimits) {
    this.#layout = layout;
    this.#keys = keys;
    this.#limits = limits;
    const room = Math.max(2 * keys.names.length, 64);
    this.#starts = new Int32Array(room);
    this.#ends = new Int32Array(room);
    this.#seenIn = new Int32Array(room);
  }

  /** the objects so far */
  get rows(): number {
    return this.#rows;
  }

  /**
   * The objects that the text has completed; each is valid until the next one is asked for.
   * @throws InvalidDatasetError naming the line
   */
  *take(piece: Uint8Array, isLast: boolean): Generator<JsonRecord> {
    const rest = this.#bytes.subarray(this.#at);
    this.#line += countLineFeeds(this.#bytes.subarray(0, this.#at));
    this.#bytes =
      rest.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
        : Buffer.concat([rest, piece]);
    this.#at = 0;
    this.#isLast = isLast;
    while (this.#toNextObject()) {
      const from = this.#at;
      try {
        this.#object();
      } catch (error) {
        if (!(error instanceof Unfinished)) throw error;
        if (this.#bytes.length - from > MAX_RECORD_BYTES) throw this.#tooLong(from);
        this.#at = from;
        return;
      }
      if (this.#at - from > MAX_RECORD_BYTES) throw this.#tooLong(from);
      this.#rows += 1;
      this.#state = 'after item';
      yield {
        starts: this.#starts,
        ends: this.#ends,
        unescaped: this.#unescaped,
        bytes: this.#bytes,
      };
    }
  }

  /** Goes to where the next object begins; false where the text, or this piece of it, ends before. */
  #toNextObject(): boolean {
    for (;;) {
      const sawLineFeed = this.#skipSpace();
      if (this.#at >= this.#bytes.length) {
        if (!this.#isLast) {
          // A line feed that is behind is not seen again.
          if (sawLineFeed && this.#state === 'after item' && !this.#isList) this.#state = 'item';
          return false;
        }
        if (this.#isList && this.#state !== 'end') throw this.#cut(this.#at);
        if (this.#rows === 0) throw this.#fault(this.#at, 'there is no object');
        return false;
      }
      const byte = this.#bytes[this.#at];
      switch (this.#state) {
        case 'start':
          this.#state = 'item';
          if (byte !== BYTES.openList || this.#layout === 'jsonl') continue;
          this.#isList = true;
          this.#at += 1;
          continue;
        case 'after item':
          if (!this.#isList) {
            if (this.#layout === 'jsonl' && !sawLineFeed) {
              throw this.#malformed(this.#at, 'expected the end of the line');
            }
          } else if (byte === BYTES.comma) this.#at += 1;
          else if (byte !== BYTES.closeList) throw this.#malformed(this.#at, "expected ',' or ']'");
          this.#state = 'item';
          continue;
        case 'item':
          if (byte === BYTES.open) return true;
          if (!this.#isList || byte !== BYTES.closeList) throw this.#noObject();
          this.#at += 1;
          this.#state = 'end';
          continue;
        case 'end':
          throw this.#malformed(this.#at, 'expected nothing after the list');
      }
    }
  }

  #object(): void {
    this.#starts.fill(-1, 0, this.#keys.names.length);
    this.#attempt += 1;
    this.#at += 1;
    for (let expected = 0; ;) {
      this.#skipSpace(this.#layout === 'jsonl');
      if (this.#byte() === BYTES.close) break;
      const column = this.#key(expected);
      this.#skipSpace(this.#layout === 'jsonl');
      if (this.#byte() !== BYTES.colon) throw this.#malformed(this.#at, "expected ':'");
      this.#at += 1;
      this.#skipSpace(this.#layout === 'jsonl');
      this.#value(column);
      expected = column + 1;
      this.#skipSpace(this.#layout === 'jsonl');
      const byte = this.#byte();
      if (byte === BYTES.comma) this.#at += 1;
      else if (byte !== BYTES.close) throw this.#malformed(this.#at, "expected ',' or '}'");
    }
    this.#at += 1;
  }

  /** The column of the key at hand: most often the one that follows. */
  #key(expected: number): number {
    if (this.#byte() !== BYTES.quote) throw this.#malformed(this.#at, 'expected a key in quotes');
    const raw = this.#keys.raw[expected];
    const start = this.#at + 1;
    if (raw !== undefined && this.#isAt(raw, start)) {
      this.#at = start + raw.length + 1;
      return this.#entered(expected, start);
    }
    const isEscaped = this.#skipString();
    const bytes = this.#bytes.subarray(start, this.#at - 1);
    const text = isEscaped ? this.#unescape(bytes, start) : bytes;
    return this.#entered(this.#columnOf(text.toString('utf8'), bytes, start), start);
  }

  /** Whether these bytes and a quote stand there. */
  #isAt(raw: Buffer, start: number): boolean {
    const bytes = this.#bytes;
    const { length } = raw;
    if (bytes[start + length] !== BYTES.quote) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== raw[i]) return false;
    return true;
  }

  #columnOf(name: string, raw: Buffer, at: number): number {
    const { names, columnOf, lower } = this.#keys;
    const known = columnOf.get(name);
    if (known !== undefined) return known;
    if (name.length > MAX_KEY_LENGTH) {
      throw this.#fault(
        at,
        `a key has ${name.length} characters ('${shown(name)}'); at most ${MAX_KEY_LENGTH} are allowed`,
      );
    }
    if (lower.has(name.toLowerCase())) {
      throw this.#fault(
        at,
        `two keys differ from '${shown(name)}' in upper and lower case only; expected one spelling in all objects`,
      );
    }
    const column = names.length;
    requireSize({ rows: 0, columns: column + 1 }, this.#limits);
    names.push(name);
    this.#keys.raw.push(Buffer.from(raw));
    columnOf.set(name, column);
    lower.add(name.toLowerCase());
    this.#makeRoom(column + 1);
    this.#starts[column] = -1;
    return column;
  }

  #makeRoom(columns: number): void {
    if (columns <= this.#starts.length) return;
    const grown = (old: Int32Array): Int32Array => {
      const room = new Int32Array(2 * columns);
      room.set(old);
      return room;
    };
    this.#starts = grown(this.#starts);
    this.#ends = grown(this.#ends);
    this.#seenIn = grown(this.#seenIn);
  }

  #entered(column: number, at: number): number {
    if (this.#seenIn[column] === this.#attempt) {
      const name = shown(this.#keys.names[column] ?? '');
      throw this.#fault(at, `an object has the duplicate key '${name}'`);
    }
    this.#seenIn[column] = this.#attempt;
    return column;
  }

  #value(column: number): void {
    const start = this.#at;
    const byte = this.#byte();
    this.#unescaped[column] = undefined;
    if (byte === BYTES.quote) {
      const isEscaped = this.#skipString();
      this.#starts[column] = start + 1;
      this.#ends[column] = this.#at - 1;
      if (isEscaped) {
        const bytes = this.#bytes.subarray(start + 1, this.#at - 1);
        this.#unescaped[column] = this.#unescape(bytes, start);
      }
      return;
    }
    if (byte === BYTES.open || byte === BYTES.openList) {
      const name = shown(this.#keys.names[column] ?? '');
      throw this.#fault(
        start,
        `'${name}' holds nested values; flatten them into keys of their own`,
      );
    }
    this.#word(column, start);
  }

  #word(column: number, start: number): void {
    let end = start;
    while (end < this.#bytes.length && !endsWord(this.#bytes[end] ?? 0)) end += 1;
    if (end === this.#bytes.length && !this.#isLast) throw new Unfinished();
    this.#at = end;
    const word = this.#bytes.toString('latin1', start, Math.min(end, start + MAX_WORD));
    if (isJsonWord(word)) {
      if (end - start > MAX_WORD) throw this.#malformed(start, 'expected a shorter number');
      this.#starts[column] = word === 'null' ? -1 : start;
      this.#ends[column] = end;
      return;
    }
    if (end === this.#bytes.length) throw this.#cut(end);
    throw this.#malformed(
      start,
      'expected a value: a text in quotes, a number, true, false or null',
    );
  }

  /** Goes behind the text at hand. @returns whether it holds escapes */
  #skipString(): boolean {
    const bytes = this.#bytes;
    let isEscaped = false;
    for (let i = this.#at + 1; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === BYTES.quote) {
        this.#at = i + 1;
        return isEscaped;
      }
      if (byte === BYTES.backslash) {
        isEscaped = true;
        i += 1;
      } else if (byte < BYTES.space) {
        if (byte === BYTES.lineFeed && this.#layout === 'jsonl') throw this.#cut(i);
        throw this.#malformed(i, 'expected control characters in a text to be escaped');
      }
    }
    throw this.#isLast ? this.#cut(bytes.length) : new Unfinished();
  }

  #unescape(bytes: Buffer, at: number): Buffer {
    const text = unescapedJson(bytes.toString('utf8'));
    if (text.kind === 'text') return Buffer.from(text.text, 'utf8');
    throw this.#fault(at, `a text or key ${text.what}`);
  }

  /** @returns whether there was a line feed */
  #skipSpace(isOneLine = false): boolean {
    const bytes = this.#bytes;
    let sawLineFeed = false;
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at];
      if (byte === BYTES.lineFeed) {
        if (isOneLine) throw this.#cut(this.#at);
        sawLineFeed = true;
      } else if (byte !== BYTES.space && byte !== BYTES.tab && byte !== BYTES.carriageReturn) break;
    }
    return sawLineFeed;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte !== undefined) return byte;
    throw this.#isLast ? this.#cut(this.#at) : new Unfinished();
  }

  #fault(at: number, what: string): InvalidDatasetError {
    return new InvalidDatasetError(
      `line ${this.#lineAt(at)}: ${what}; expected ${EXPECTED[this.#layout]}`,
    );
  }

  #malformed(at: number, expected: string): InvalidDatasetError {
    const found = shown(this.#bytes.toString('utf8', at, at + 20));
    return new InvalidDatasetError(
      `Malformed JSON at line ${this.#lineAt(at)}: ${expected}, found '${found}'; expected ${EXPECTED[this.#layout]}`,
    );
  }

  #noObject(): InvalidDatasetError {
    const found = this.#bytes.toString('utf8', this.#at, this.#at + 20);
    return this.#fault(this.#at, `'${found}' is no object`);
  }

  #cut(at: number): InvalidDatasetError {
    return this.#fault(
      at,
      'the JSON ends, or a line of it does, in the middle of a value: the file is cut short',
    );
  }

  #tooLong(at: number): InvalidDatasetError {
    return this.#fault(at, `an object is larger than ${MAX_RECORD_BYTES} bytes`);
  }

  #lineAt(at: number): number {
    return this.#line + countLineFeeds(this.#bytes.subarray(0, at));
  }
}
