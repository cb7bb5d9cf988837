/**
 * What a pipeline may carry through continue-as-new, in bytes of JSON. A payload above 256 KiB is refused
 * (`shell/payload-limit.ts`), and a pipeline that cannot continue stands still; the configuration comes on top.
 */
export const MAX_CARRIED_BYTES: number = 208 * 1024;

/** Of that, what the queue may take: files with long paths are fewer. */
export const MAX_QUEUE_BYTES: number = 80 * 1024;

/** Bytes of a value as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  const text = JSON.stringify(value);
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Each half of a surrogate pair stands for two of its four bytes.
    const isHalf = code >= 0xd800 && code <= 0xdfff;
    bytes += code < 0x80 ? 1 : code < 0x800 || isHalf ? 2 : 3;
  }
  return bytes;
}
