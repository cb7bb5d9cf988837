/**
 * What a pipeline may carry through continue-as-new, in bytes of JSON. A payload above 256 KiB is refused
 * (`shell/payload-limit.ts`), and a pipeline that cannot continue stands still.
 */
export const MAX_CARRIED_BYTES: number = 208 * 1024;

/** The same together with the configuration: a long one leaves less for the rest. */
export const MAX_CARRIED_WITH_CONFIG_BYTES: number = 248 * 1024;

/** Of that, what the queue may take: files with long paths are fewer. */
export const MAX_QUEUE_BYTES: number = 80 * 1024;

/** What a configuration may take of which older code sent the whole: it travels to every run beside the models. */
export const MAX_CONFIG_BYTES: number = 208 * 1024;

/** Bytes of a value as JSON in UTF-8. */
export const jsonBytes = (value: unknown): number => textBytes(JSON.stringify(value));

function textBytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Each half of a surrogate pair stands for two of its four bytes.
    const isHalf = code >= 0xd800 && code <= 0xdfff;
    bytes += code < 0x80 ? 1 : code < 0x800 || isHalf ? 2 : 3;
  }
  return bytes;
}

/** A text of at most so many bytes in UTF-8: cut between two characters, which three dots then show. */
export function cutTo(maxBytes: number, text: string): string {
  // No character takes more than three bytes a code unit.
  if (text.length * 3 <= maxBytes || textBytes(text) <= maxBytes) return text;
  let bytes = ELLIPSIS_BYTES;
  let kept = '';
  for (const character of text) {
    bytes += textBytes(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return `${kept}…`;
}

const ELLIPSIS_BYTES = 3;
