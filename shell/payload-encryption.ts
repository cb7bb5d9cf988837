import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ValueError, type Payload, type PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { CodecKey } from './codec-keys.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The encoding and the name of the key's id are those of Temporal's own samples. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

/**
 * Encrypts payloads with AES-256-GCM under the first key. An encrypted payload holds the id of its key, an initialisation
 * vector of 12 random bytes, the encrypted payload and the tag of 16 bytes: 28 bytes more, and some for the metadata. The
 * tag covers the id too. What is not encrypted is read as it is, so that older histories stay readable.
 * @param keys none: nothing is encrypted, and what is encrypted is refused with the name of its key
 */
export function payloadEncryption(keys: readonly CodecKey[]): PayloadCodec {
  const [current] = keys;
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    encode: (payloads) =>
      Promise.resolve(
        current === undefined ? payloads : payloads.map((payload) => encrypted(payload, current)),
      ),
    decode: (payloads) =>
      Promise.resolve().then(() => payloads.map((payload) => decrypted(payload, byId))),
  };
}

function encrypted(payload: Payload, { id, key }: CodecKey): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv);
  cipher.setAAD(Buffer.from(id));
  const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(id) }, data };
}

function decrypted(payload: Payload, keys: ReadonlyMap<string, Uint8Array>): Payload {
  if (textOf(payload.metadata?.['encoding']) !== ENCODING) return payload;
  const id = textOf(payload.metadata?.[KEY_ID]);
  const key = keys.get(id);
  if (key === undefined) throw new ValueError(unknownKey(id, [...keys.keys()]));
  const data = payload.data ?? new Uint8Array();
  if (data.byteLength < IV_BYTES + TAG_BYTES) throw new ValueError(damaged(id));
  const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES));
  decipher.setAAD(Buffer.from(id));
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  try {
    const plain = [decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()];
    return proto.temporal.api.common.v1.Payload.decode(Buffer.concat(plain));
  } catch (error) {
    throw new ValueError(damaged(id), error);
  }
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

function unknownKey(id: string, held: readonly string[]): string {
  const have = held.length === 0 ? 'no key is set' : `the keys at hand are ${held.join(', ')}`;
  return `A payload is encrypted with the key '${id}', but ${have}. Add that key to CALMOPS_CODEC_KEY_FILE, as long as there are histories that it encrypted.`;
}

function damaged(id: string): string {
  return `A payload says that it is encrypted with the key '${id}', but that key does not open it: another key has the same id, or the payload is damaged.`;
}
