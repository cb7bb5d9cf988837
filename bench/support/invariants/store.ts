import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';

const refSchema = z.looseObject({ uri: z.string(), sha256: z.string(), bytes: z.number() });
const cardSchema = z.looseObject({ id: z.string(), parent: z.string().nullable() });

/**
 * Whether a store is whole: every JSON and Parquet file can be read to its end, every reference in it leads to
 * a file of that hash and size, and every model has its card, its bytes and its ancestors.
 */
export async function checkStore(store: string): Promise<readonly string[]> {
  const entries = await readdir(store, { recursive: true, withFileTypes: true });
  const uris = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(store, path.join(entry.parentPath, entry.name)))
    .filter((uri) => !uri.startsWith('.'))
    .sort();
  const violations: string[] = [];
  const values = new Map<string, unknown>();
  for (const uri of uris.filter((each) => each.endsWith('.json'))) {
    try {
      values.set(uri, JSON.parse(await readFile(path.join(store, uri), 'utf8')));
    } catch (error) {
      violations.push(`${uri} is torn: ${String(error)}`);
    }
  }
  violations.push(...(await tornParquet(store, uris)));
  violations.push(...(await brokenReferences(store, uris, values)));
  violations.push(...brokenLineage(uris, values));
  return violations;
}

async function tornParquet(store: string, uris: readonly string[]): Promise<readonly string[]> {
  const torn: string[] = [];
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    for (const uri of uris.filter((each) => each.endsWith('.parquet'))) {
      const file = path.join(store, uri).replaceAll("'", "''");
      try {
        // A hash of every cell reads every page.
        await connection.runAndReadAll(
          `SELECT count(*), sum(hash(t)) FROM read_parquet('${file}') AS t`,
        );
      } catch (error) {
        torn.push(`${uri} is torn: ${String(error)}`);
      }
    }
  } finally {
    connection.closeSync();
    database.closeSync();
  }
  return torn;
}

async function brokenReferences(
  store: string,
  uris: readonly string[],
  values: ReadonlyMap<string, unknown>,
): Promise<readonly string[]> {
  const there = new Set(uris);
  const found = new Map<string, Promise<{ readonly sha256: string; readonly bytes: number }>>();
  const violations: string[] = [];
  for (const [from, value] of values) {
    for (const { uri, sha256, bytes } of referencesIn(value)) {
      if (!there.has(uri)) {
        violations.push(`${from} refers to ${uri}, which is not there`);
        continue;
      }
      const known = found.get(uri) ?? digestOf(path.join(store, uri));
      found.set(uri, known);
      const file = await known;
      if (file.sha256 === sha256 && file.bytes === bytes) continue;
      violations.push(
        `${from} refers to ${uri} of ${bytes} bytes with sha256 ${sha256}, found ${file.bytes} with ${file.sha256}`,
      );
    }
  }
  return violations;
}

/** Every reference to an artefact anywhere in a value. */
function* referencesIn(value: unknown): Iterable<z.infer<typeof refSchema>> {
  if (typeof value !== 'object' || value === null) return;
  const ref = refSchema.safeParse(value);
  if (ref.success) yield ref.data;
  for (const part of Object.values(value)) yield* referencesIn(part);
}

async function digestOf(
  file: string,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const bytes = await readFile(file);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

const CARD = /^models\/([^/]+)\/card\.json$/;

function brokenLineage(
  uris: readonly string[],
  values: ReadonlyMap<string, unknown>,
): readonly string[] {
  const there = new Set(uris);
  const violations: string[] = [];
  for (const [uri, value] of values) {
    const id = CARD.exec(uri)?.[1];
    if (id === undefined) continue;
    const card = cardSchema.safeParse(value);
    if (!card.success || card.data.id !== id) {
      violations.push(`${uri} is not the card of model ${id}`);
      continue;
    }
    if (!there.has(`models/${id}/model.bin`))
      violations.push(`model ${id} has a card and no bytes`);
    const { parent } = card.data;
    if (parent !== null && !there.has(`models/${parent}/card.json`)) {
      violations.push(`model ${id} goes on from ${parent}, which is not there`);
    }
  }
  return violations;
}
