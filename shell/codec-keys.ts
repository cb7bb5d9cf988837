import { readSecret } from './secrets.ts';

/** AES-256 */
const KEY_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** A key with which payloads are encrypted, by a name that may be known to everybody. */
export interface CodecKey {
  readonly id: string;
  /** 32 bytes */
  readonly key: Uint8Array;
}

/** The keys are not written as they must be. Never holds a key. */
export class CodecKeysError extends Error {
  override name = 'CodecKeysError';
}

/**
 * The keys of `CALMOPS_CODEC_KEY`, or of the file that `CALMOPS_CODEC_KEY_FILE` names. The first one encrypts; all of them
 * decrypt, so that a new key is put before the old ones and these stay as long as there are histories made with them.
 * @returns an empty list if payloads are not to be encrypted
 * @throws SecretError, CodecKeysError
 */
export function readCodecKeys(env: NodeJS.ProcessEnv): readonly CodecKey[] {
  const text = readSecret(env, 'CALMOPS_CODEC_KEY');
  return text === undefined ? [] : parseCodecKeys(text);
}

/**
 * @param text a key a line: its id, a space, 32 bytes in base64; lines that begin with # are passed over
 * @throws CodecKeysError naming the line
 */
export function parseCodecKeys(text: string): readonly CodecKey[] {
  const keys: CodecKey[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]?.startsWith('#') === true) continue;
    const key = parseLine(words, index + 1);
    if (keys.some(({ id }) => id === key.id)) {
      throw new CodecKeysError(
        `CALMOPS_CODEC_KEY, line ${index + 1}: the id '${key.id}' is given twice.`,
      );
    }
    keys.push(key);
  }
  if (keys.length === 0) throw new CodecKeysError(`CALMOPS_CODEC_KEY holds no key. ${HOW}`);
  return keys;
}

const HOW =
  'A key is a line with an id, a space and 32 bytes in base64, such as `echo "2026-01 $(openssl rand -base64 32)"` prints.';

function parseLine([id = '', encoded = '', ...rest]: readonly string[], line: number): CodecKey {
  const key = Buffer.from(encoded, 'base64');
  const problem = !KEY_ID.test(id)
    ? 'the id must have 1 to 64 letters, digits, dots, dashes or underscores'
    : rest.length > 0
      ? 'there must be two words, an id and a key'
      : !BASE64.test(encoded) || key.byteLength !== KEY_BYTES
        ? `the key must be ${KEY_BYTES} bytes in base64`
        : null;
  if (problem === null) return { id, key };
  throw new CodecKeysError(`CALMOPS_CODEC_KEY, line ${line}: ${problem}. ${HOW}`);
}
