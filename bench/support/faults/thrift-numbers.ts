/** A number of a structure in Thrift's compact protocol, with where it stands. */
export interface ThriftNumber {
  /** ids of the fields that lead to it, and `[]` for the items of a list, as in `/4/[]/1/[]/3/9` */
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The numbers of the structure that begins at a place, in the order of the file. The footer and the page headers of a parquet
 * file are such structures.
 * @throws RangeError if the bytes end within it
 */
export function thriftNumbers(bytes: Buffer, at = 0): readonly ThriftNumber[] {
  const numbers: ThriftNumber[] = [];
  readStructure({ bytes, numbers, at }, '');
  return numbers;
}

/** The bytes with another number in the place of this one; what follows moves by the difference in length. */
export function withNumber(bytes: Buffer, { from, to }: ThriftNumber, value: bigint): Buffer {
  return Buffer.concat([bytes.subarray(0, from), varint(zigzag(value)), bytes.subarray(to)]);
}

/** The bytes with the largest number that fits the place of this one, so that nothing moves. */
export function withLargest(bytes: Buffer, { from, to }: ThriftNumber): Buffer {
  const changed = Buffer.from(bytes);
  // All of its bits, but the lowest one, which is the sign.
  for (let at = from; at < to; at++) changed[at] = at === to - 1 ? 0x7f : 0xff;
  changed[from] = to - from === 1 ? 0x7e : 0xfe;
  return changed;
}

interface Cursor {
  readonly bytes: Buffer;
  readonly numbers: ThriftNumber[];
  at: number;
}

/** What a field holds, by the number that stands for it. */
const KINDS = { double: 7, binary: 8, list: 9, set: 10, struct: 12 } as const;
/** The kinds 4 to 6 are whole numbers of 16, 32 and 64 bits. */
const NUMBERS = { first: 4, last: 6 } as const;

function readStructure(cursor: Cursor, path: string): void {
  let id = 0;
  for (;;) {
    const head = cursor.bytes.readUInt8(cursor.at++);
    if (head === 0) return;
    const step = head >> 4;
    id = step === 0 ? Number(unzigzag(readVarint(cursor))) : id + step;
    readValue(cursor, head & 15, { path: `${path}/${id}`, isItem: false });
  }
}

function readValue(
  cursor: Cursor,
  kind: number,
  { path, isItem }: { readonly path: string; readonly isItem: boolean },
): void {
  if (kind >= NUMBERS.first && kind <= NUMBERS.last) {
    const from = cursor.at;
    readVarint(cursor);
    cursor.numbers.push({ path, from, to: cursor.at });
  } else if (kind === KINDS.struct) readStructure(cursor, path);
  else if (kind === KINDS.binary) {
    const length = Number(readVarint(cursor));
    cursor.at += length;
  } else if (kind === KINDS.double) cursor.at += 8;
  else if (kind === KINDS.list || kind === KINDS.set) {
    const head = cursor.bytes.readUInt8(cursor.at++);
    const count = head >> 4 === 15 ? Number(readVarint(cursor)) : head >> 4;
    for (let i = 0; i < count; i++)
      readValue(cursor, head & 15, { path: `${path}/[]`, isItem: true });
  }
  // Truth is in the kind of a field; in a list, and a byte anywhere, it takes a byte.
  else if (isItem || kind === 3) cursor.at += 1;
}

function readVarint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = cursor.bytes.readUInt8(cursor.at++);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(left)]);
}

const zigzag = (value: bigint): bigint => (value < 0n ? -2n * value - 1n : 2n * value);
const unzigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);
