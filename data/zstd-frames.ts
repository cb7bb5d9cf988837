/** Bytes of a frame's magic number, and the number itself (RFC 8878, 3.1.1). */
const MAGIC_BYTES = 4;
const MAGIC = 0xfd2fb528;
/** Of a part to be skipped: its last four bits may be any. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_HEAD_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** A block of one byte that is repeated. */
const REPEATED = 1;

/** Bytes of the dictionary's id and of the content's size, by the bits of a frame's descriptor that tell them. */
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];

/**
 * Follows the frames of a zstd file piece by piece, without unpacking them, and tells the bytes of the window that each of
 * them asks for before anything of it is unpacked. What is no frame is left to the one who unpacks it.
 */
export class ZstdFrames {
  readonly #onWindow: (bytes: number) => void;
  #pending: Buffer = Buffer.alloc(0);
  #skip = 0;
  #state: 'frame' | 'block' | 'no frame' = 'frame';
  #hasChecksum = false;

  constructor(onWindow: (bytes: number) => void) {
    this.#onWindow = onWindow;
  }

  take(piece: Buffer): void {
    const bytes = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    let at = 0;
    while (this.#state !== 'no frame') {
      const skipped = Math.min(this.#skip, bytes.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (this.#skip > 0) break;
      const rest = bytes.subarray(at);
      const taken = this.#state === 'frame' ? this.#frameHead(rest) : this.#blockHead(rest);
      if (taken === 0) break;
      at += taken;
    }
    // A copy, since whoever reads may fill the same memory again.
    this.#pending = Buffer.from(bytes.subarray(at));
    if (this.#state === 'no frame') this.#pending = Buffer.alloc(0);
  }

  /** @returns the bytes that the head takes; 0 where they are not all there */
  #frameHead(bytes: Buffer): number {
    if (bytes.length < 2 * MAGIC_BYTES) return 0;
    const magic = bytes.readUInt32LE(0);
    if ((magic & ~15) >>> 0 === SKIPPABLE_MAGIC) {
      this.#skip = bytes.readUInt32LE(MAGIC_BYTES);
      return 2 * MAGIC_BYTES;
    }
    if (magic !== MAGIC) {
      this.#state = 'no frame';
      return 0;
    }
    const descriptor = bytes.readUInt8(MAGIC_BYTES);
    const isOneSegment = (descriptor & 0x20) !== 0;
    const ofSize = SIZE_BYTES[descriptor >> 6] ?? 0;
    const sizeBytes = ofSize === 0 && isOneSegment ? 1 : ofSize;
    const dictionaryBytes = DICTIONARY_BYTES[descriptor & 3] ?? 0;
    const windowAt = MAGIC_BYTES + 1;
    const sizeAt = windowAt + (isOneSegment ? 0 : 1) + dictionaryBytes;
    if (bytes.length < sizeAt + sizeBytes) return 0;
    this.#onWindow(
      isOneSegment ? sizeOf(bytes, sizeAt, sizeBytes) : windowOf(bytes.readUInt8(windowAt)),
    );
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    this.#state = 'block';
    return sizeAt + sizeBytes;
  }

  #blockHead(bytes: Buffer): number {
    if (bytes.length < BLOCK_HEAD_BYTES) return 0;
    const head = bytes.readUIntLE(0, BLOCK_HEAD_BYTES);
    const isLast = (head & 1) !== 0;
    this.#skip = ((head >> 1) & 3) === REPEATED ? 1 : head >> 3;
    if (isLast) {
      if (this.#hasChecksum) this.#skip += CHECKSUM_BYTES;
      this.#state = 'frame';
    }
    return BLOCK_HEAD_BYTES;
  }
}

/** By the byte that describes it: 5 bits of exponent and 3 of mantissa. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function sizeOf(bytes: Buffer, at: number, length: number): number {
  let size = 0;
  for (let i = length - 1; i >= 0; i--) size = size * 256 + bytes.readUInt8(at + i);
  // With two bytes, the 256 sizes are left out that one byte can state.
  return length === 2 ? size + 256 : size;
}
