import { inflateRawSync } from 'node:zlib';
import { InvalidDatasetError, shown } from './invalid-dataset.ts';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAGS = 0x2041;
/** Sizes and checksum follow the data, and the local header need not have them. */
const DESCRIPTOR_FLAG = 0x08;
const IN_ZIP64 = 0xffffffff;

/** A large workbook has a few hundred parts. */
const MAX_ENTRIES = 10_000;

/** A file within an archive. */
export interface ZipEntry {
  /** with `/` between folders */
  readonly name: string;
  /** 0: stored, 8: deflated */
  readonly method: number;
  /** as they lie in the archive */
  readonly packed: Buffer;
  readonly bytes: number;
  readonly crc32: number;
}

/**
 * The entries of a zip archive. Readers of archives differ in what they believe where an archive contradicts itself, so
 * that the central directory and the header of each entry have to agree, and no two entries may share bytes.
 * @throws InvalidDatasetError if it is damaged, protected by a password, or unpacks to more than `maxBytes` by its own figures
 */
export function zipEntries(zip: Buffer, maxBytes: number): readonly ZipEntry[] {
  const { count, start, end } = directoryOf(zip);
  const entries: ZipEntry[] = [];
  const ranges: Range[] = [{ from: start, to: end }];
  const names = new Set<string>();
  let left = maxBytes;
  for (let k = 0, at = start; k < count; k++) {
    if (at + ENTRY_BYTES > end || zip.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      throw damaged(`entry ${k + 1} of ${count} is not where it should be`);
    }
    const { entry, range, next } = entryAt(zip, at);
    if (names.has(entry.name.toLowerCase())) throw damaged(`'${shown(entry.name)}' is there twice`);
    names.add(entry.name.toLowerCase());
    left -= entry.bytes;
    if (left < 0) throw tooLarge(maxBytes);
    entries.push(entry);
    ranges.push(range);
    at = next;
  }
  requireDisjoint(ranges);
  return entries;
}

/**
 * The content of an entry.
 * @throws InvalidDatasetError if it is not of the size and checksum that the archive states
 */
export function unpackedEntry({ name, method, packed, bytes, crc32 }: ZipEntry): Buffer {
  const content = method === STORED ? packed : inflated(name, packed, bytes);
  if (content.byteLength !== bytes || crc32Of(content) !== crc32) {
    throw damaged(`'${shown(name)}' is not what the archive states`);
  }
  return content;
}

/** An archive of the given files, none of them packed. */
export function storedZip(files: readonly Pick<ZipEntry, 'name' | 'packed' | 'crc32'>[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, packed, crc32 } of files) {
    const text = Buffer.from(name, 'latin1');
    const local = Buffer.alloc(LOCAL_BYTES);
    local.writeUInt32LE(LOCAL_SIGNATURE, 0);
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry.writeUInt32LE(ENTRY_SIGNATURE, 0);
    for (const [header, at] of [
      [local, 14],
      [entry, 16],
    ] as const) {
      header.writeUInt32LE(crc32, at);
      header.writeUInt32LE(packed.length, at + 4);
      header.writeUInt32LE(packed.length, at + 8);
      header.writeUInt16LE(text.length, at + 12);
    }
    entry.writeUInt32LE(offset, 42);
    locals.push(local, text, packed);
    directory.push(entry, text);
    offset += LOCAL_BYTES + text.length + packed.length;
  }
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END_SIGNATURE, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** How many entries the central directory has, and where it lies. */
function directoryOf(zip: Buffer): { count: number; start: number; end: number } {
  const at = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (at < 0 || at + END_BYTES > zip.length) throw damaged('no central directory');
  if (at + END_BYTES + zip.readUInt16LE(at + 20) !== zip.length) {
    throw damaged('there are bytes behind its end');
  }
  const count = zip.readUInt16LE(at + 10);
  const start = zip.readUInt32LE(at + 16);
  const isOfOneDisk = zip.readUInt32LE(at + 4) === 0 && zip.readUInt16LE(at + 8) === count;
  if (!isOfOneDisk) throw damaged('its two counts of entries differ');
  if (count > MAX_ENTRIES)
    throw damaged(`it has ${count} entries, at most ${MAX_ENTRIES} are read`);
  if (start + zip.readUInt32LE(at + 12) !== at) {
    throw damaged('its central directory is not where it should be');
  }
  return { count, start, end: at };
}

/** The entry that the directory describes at this place. */
function entryAt(zip: Buffer, at: number): { entry: ZipEntry; range: Range; next: number } {
  const nameLength = zip.readUInt16LE(at + 28);
  const next =
    at + ENTRY_BYTES + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  const raw = zip.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength);
  const name = raw.toString('latin1').replaceAll('\\', '/').replace(/^\/+/, '');
  const inEntry = (what: string): InvalidDatasetError => damaged(`'${shown(name)}' ${what}`);
  const method = zip.readUInt16LE(at + 10);
  const packedBytes = zip.readUInt32LE(at + 20);
  const bytes = zip.readUInt32LE(at + 24);
  const local = zip.readUInt32LE(at + 42);
  if (zip.readUInt16LE(at + 8) & ENCRYPTED_FLAGS) throw inEntry('is protected by a password');
  if (method !== STORED && method !== DEFLATED) throw inEntry('is packed in an unknown way');
  if (local + LOCAL_BYTES > zip.length || zip.readUInt32LE(local) !== LOCAL_SIGNATURE) {
    throw inEntry('is not where it should be');
  }
  const localName = zip.readUInt16LE(local + 26);
  const start = local + LOCAL_BYTES + localName + zip.readUInt16LE(local + 28);
  if (start + packedBytes > zip.length) throw inEntry('is cut');
  const fields = { crc32: zip.readUInt32LE(at + 16), packedBytes, bytes };
  const isSame =
    zip.readUInt16LE(local + 8) === method &&
    raw.equals(zip.subarray(local + LOCAL_BYTES, local + LOCAL_BYTES + localName)) &&
    agreesWith(zip, local, fields);
  if (!isSame) throw inEntry('is described in two ways that differ');
  const packed = zip.subarray(start, start + packedBytes);
  const entry = { name, method, packed, bytes, crc32: fields.crc32 };
  return { entry, range: { from: local, to: start + packedBytes }, next };
}

function agreesWith(
  zip: Buffer,
  local: number,
  expected: { readonly crc32: number; readonly packedBytes: number; readonly bytes: number },
): boolean {
  const flags = zip.readUInt16LE(local + 6);
  if (flags & ENCRYPTED_FLAGS) return false;
  const mayLack = (flags & DESCRIPTOR_FLAG) !== 0;
  const agrees = (at: number, value: number): boolean => {
    const found = zip.readUInt32LE(local + at);
    return found === value || (mayLack && (found === 0 || found === IN_ZIP64));
  };
  const { crc32, packedBytes, bytes } = expected;
  return agrees(14, crc32) && agrees(18, packedBytes) && agrees(22, bytes);
}

function requireDisjoint(ranges: readonly Range[]): void {
  const inOrder = ranges.toSorted((a, b) => a.from - b.from);
  for (const [k, { from }] of inOrder.entries()) {
    if (from < (inOrder[k - 1]?.to ?? 0)) throw damaged('two entries share bytes');
  }
}

function inflated(name: string, packed: Buffer, bytes: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw damaged(`'${shown(name)}' cannot be unpacked`);
  }
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The checksum of zip archives. */
export function crc32Of(content: Uint8Array): number {
  let crc = -1;
  for (const byte of content) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}

function damaged(why: string): InvalidDatasetError {
  return new InvalidDatasetError(
    `the workbook is damaged or cut short (${why}); expected a complete one`,
  );
}

function tooLarge(maxBytes: number): InvalidDatasetError {
  return new InvalidDatasetError(
    `the workbook unpacks to more than ${maxBytes} bytes, the most that is read; save it as csv or parquet`,
  );
}
