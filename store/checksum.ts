import { createHash } from 'node:crypto';

const CHECKSUM_BYTES = 32;

/** The bytes with their sha256 behind them, so that damage is noticed when they are read. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, checksum(bytes)]);
}

/** The bytes that `withChecksum` was given; null if what is stored is damaged. */
export function withoutChecksum(stored: Uint8Array): Uint8Array | null {
  const end = Math.max(0, stored.length - CHECKSUM_BYTES);
  const bytes = stored.subarray(0, end);
  return checksum(bytes).equals(stored.subarray(end)) ? bytes : null;
}

function checksum(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
