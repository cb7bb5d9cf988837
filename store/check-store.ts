import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ArtefactDamagedError, isDamage, type ArtefactStore } from './artefact-store.ts';
import { withoutChecksum } from './checksum.ts';
import { parseJson } from './json.ts';
import { ARTEFACTS, kindOf } from './layout.ts';
import { parseModelCard } from './model-card.ts';

/** An artefact that is not as it was stored. */
export interface StoreDamage {
  readonly uri: string;
  /** what it is, and what is wrong with it, for people */
  readonly wrong: string;
  readonly remedy: string;
}

const anyValue = z.unknown();
const refSchema = z.looseObject({ uri: z.string(), sha256: z.string(), bytes: z.number() });

/**
 * Reads all that a store holds and finds what is not as it was stored: what has a checksum of its own, what another artefact names with
 * its hash, and what is named and missing. Artefacts of earlier versions that have neither are only looked at for their form.
 * Each artefact is read into memory by itself.
 * @returns ascending by uri, each artefact once
 */
export async function checkStore(store: ArtefactStore): Promise<readonly StoreDamage[]> {
  const uris = await store.list('');
  const there = new Set(uris);
  const found = new Map<string, StoreDamage>();
  const hashes = new Map<string, string>();
  const named = new Map<string, Named>();
  const damaged = (uri: string, wrong: string): void => {
    const kind = kindOf(uri);
    const what = kind === null ? 'something that is none of CalmOps' : ARTEFACTS[kind].what;
    const remedy = kind === null ? 'look who put it there' : ARTEFACTS[kind].remedy;
    if (!found.has(uri)) found.set(uri, { uri, wrong: `${what}: ${wrong}`, remedy });
  };
  for (const uri of uris) {
    try {
      const bytes = await store.get(uri);
      hashes.set(uri, createHash('sha256').update(bytes).digest('hex'));
      if (kindOf(uri) === null) damaged(uri, 'no artefact of CalmOps has such a name');
      else for (const ref of referencesIn(contentOf(uri, bytes))) remember(named, ref, uri);
    } catch (error) {
      if (!isDamage(error)) throw error;
      damaged(uri, error.message);
    }
  }
  for (const [uri, { sha256s, by }] of named) {
    const hash = hashes.get(uri);
    if (!there.has(uri)) damaged(uri, `it is missing, and ${by} names it`);
    else if (hash !== undefined && !sha256s.has(hash)) {
      const expected = [...sha256s].join(' or ');
      damaged(uri, `it has the sha256 ${hash}, and ${by} names it with ${expected}`);
    }
  }
  return [...found.values()].sort((a, b) => (a.uri < b.uri ? -1 : 1));
}

/** How others name an artefact. */
interface Named {
  /** more than one where it was made anew */
  readonly sha256s: Set<string>;
  /** the first that names it */
  readonly by: string;
}

function remember(named: Map<string, Named>, ref: z.infer<typeof refSchema>, by: string): void {
  const known = named.get(ref.uri) ?? { sha256s: new Set<string>(), by };
  known.sha256s.add(ref.sha256);
  named.set(ref.uri, known);
}

/** What an artefact says, as far as it may name others. @throws ArtefactDamagedError */
function contentOf(uri: string, bytes: Uint8Array): unknown {
  if (uri.endsWith('card.json')) return parseModelCard(bytes);
  if (uri.endsWith('.json')) return parseJson(bytes, { schema: anyValue, what: uri });
  if (uri.endsWith('.sum') && withoutChecksum(bytes) === null) {
    throw new ArtefactDamagedError(`${uri} is not what was stored`);
  }
  return null;
}

/** Every reference to an artefact anywhere in a value. */
function* referencesIn(value: unknown): Iterable<z.infer<typeof refSchema>> {
  if (typeof value !== 'object' || value === null) return;
  const ref = refSchema.safeParse(value);
  if (ref.success) yield ref.data;
  for (const part of Object.values(value)) yield* referencesIn(part);
}
