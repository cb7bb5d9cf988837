import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { ArtefactDamagedError, isDamage } from './artefact-store.ts';
import type { ArtefactRef, ArtefactStore } from './artefact-store.ts';

/** A value that is stored as a JSON object, and so has a place for its checksum: no array. */
export type JsonObject<V extends object> = V extends readonly unknown[] ? never : V;

/** Stores a JSON object with its checksum under `uri`, unless something is stored there already. */
export async function putJson<V extends object>(
  store: ArtefactStore,
  uri: string,
  value: JsonObject<V>,
): Promise<ArtefactRef> {
  return store.put(uri, encodeJson(value));
}

/**
 * Stores a JSON object that can be computed whenever it is needed. What is stored there already is kept, unless it is damaged: then
 * it is set aside.
 */
export async function putComputedJson<V extends object>(
  store: ArtefactStore,
  uri: string,
  value: JsonObject<V>,
): Promise<ArtefactRef> {
  if (await store.exists(uri)) {
    try {
      valueOf(await store.get(uri), uri);
    } catch (error) {
      if (!isDamage(error)) throw error;
      await store.setAside(uri);
    }
  }
  return putJson(store, uri, value);
}

/** The bytes of a JSON object as they are stored: its last field is the sha256 of the object without that field. */
export function encodeJson<V extends object>(value: JsonObject<V>): Uint8Array {
  const body = JSON.stringify(value);
  const open = body.slice(0, -1);
  return Buffer.from(`${open}${open === '{' ? '' : ','}"${CHECKSUM}":"${sha256Of(body)}"}`);
}

/**
 * The JSON value under `uri`.
 * @throws ArtefactMissingError if nothing is stored there
 * @throws ArtefactDamagedError if it is not JSON, not what was stored, or not what `schema` says
 */
export async function getJson<T>(
  store: ArtefactStore,
  uri: string,
  schema: z.ZodType<T>,
): Promise<T> {
  return parseJson(await store.get(uri), { schema, what: uri });
}

/**
 * The JSON value in some bytes, without its checksum. Bytes that earlier versions stored have none, and are taken as they are.
 * @param what names the bytes in errors
 * @throws ArtefactDamagedError if they are not JSON in UTF-8, not what was stored, or not what `schema` says
 */
export function parseJson<T>(
  bytes: Uint8Array,
  { schema, what }: { readonly schema: z.ZodType<T>; readonly what: string },
): T {
  const parsed = schema.safeParse(valueOf(bytes, what));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    ({ path, message }) => `${path.length === 0 ? 'the whole' : path.join('.')}: ${message}`,
  );
  throw new ArtefactDamagedError(`${what} is not what it should be: ${issues.join('; ')}`);
}

const CHECKSUM = 'checksum';

/** The last field of an object, and what stands before it. */
const WITH_CHECKSUM = new RegExp(`^(.*?),?"${CHECKSUM}":"([^"]*)"}$`, 's');

function valueOf(bytes: Uint8Array, what: string): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const [, open, checksum] = WITH_CHECKSUM.exec(text) ?? [];
    if (open === undefined) return JSON.parse(text);
    const body = `${open}}`;
    if (sha256Of(body) === checksum) return JSON.parse(body);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ArtefactDamagedError(`${what} is not JSON: ${error.message}`, { cause: error });
  }
  throw new ArtefactDamagedError(
    `${what} has another checksum than its content: it was changed after it was stored`,
  );
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
