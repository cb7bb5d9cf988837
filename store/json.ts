import type { z } from 'zod';
import { ArtefactDamagedError } from './artefact-store.ts';
import type { ArtefactRef, ArtefactStore } from './artefact-store.ts';

/** Stores a JSON value under `uri`, unless something is stored there already. */
export async function putJson(
  store: ArtefactStore,
  uri: string,
  value: unknown,
): Promise<ArtefactRef> {
  return store.put(uri, new TextEncoder().encode(JSON.stringify(value)));
}

/**
 * The JSON value under `uri`.
 * @throws ArtefactMissingError if nothing is stored there
 * @throws ArtefactDamagedError if it is not JSON, or not what `schema` says
 */
export async function getJson<T>(
  store: ArtefactStore,
  uri: string,
  schema: z.ZodType<T>,
): Promise<T> {
  return parseJson(await store.get(uri), { schema, what: uri });
}

/**
 * The JSON value in some bytes.
 * @param what names the bytes in errors
 * @throws ArtefactDamagedError if they are not JSON in UTF-8, or not what `schema` says
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

function valueOf(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ArtefactDamagedError(`${what} is not JSON: ${error.message}`, { cause: error });
  }
}
