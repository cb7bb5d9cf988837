import { createHash } from 'node:crypto';
import { isDamage, type ArtefactRef, type ArtefactStore } from '../../store/artefact-store.ts';
import { encodeJson, getJson, putJson } from '../../store/json.ts';
import {
  CARRIED_VERSION,
  historyPageUri,
  type FoundState,
  type RunSummary,
  type SavedState,
} from '../../workflows/contract.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { lastTarget } from '../models/find-champion.ts';
import { positionsAfter } from '../datasets/earlier-datasets.ts';
import { pageSchema, savedStateSchema, versionSchema } from './state-schema.ts';

const folderOf = (pipeline: string): string => `state/${pipeline}/`;
const stateUri = (pipeline: string, number: number): string =>
  `${folderOf(pipeline)}${String(number).padStart(NUMBER_DIGITS, '0')}.json`;
const NUMBER_DIGITS = 9;

/** The pipeline's state was written by a newer CalmOps. */
export class NewerStateError extends Error {
  override name = 'NewerStateError';
}

/**
 * Keeps the state under a number above those of all that are there: the order of numbers is the order in which
 * they were written, whichever clock was right. The newest state kept again changes nothing.
 */
export async function saveState(saved: SavedState, store: ArtefactStore): Promise<ArtefactRef> {
  const sha256 = hashOf(saved);
  const newest = await newestNumber(saved.pipeline, store);
  for (let number = newest ?? 0; ; number++) {
    const uri = stateUri(saved.pipeline, number);
    const ref = await putJson(store, uri, saved);
    // Another state has the number: it was there, or came at this moment.
    if (ref.sha256 === sha256) return ref;
  }
}

/**
 * What there is to go on from for a pipeline that begins.
 * @throws NewerStateError if the newest state was saved by newer code
 */
export async function findState(
  { name, target }: Pick<PipelineConfig, 'name' | 'target'>,
  store: ArtefactStore,
): Promise<FoundState> {
  const pages = (await store.list(`history/${name}/`)).map(numberOf);
  const damage: string[] = [];
  const sealedUpTo = await newestSealed(name, pages, store, damage);
  const saved = await newestState(name, store, damage);
  const told = damage.length === 0 ? {} : { damage };
  const found = { sealedPages: (pages.at(-1) ?? -1) + 1, sealedUpTo, ...told };
  const knownTarget = saved?.target ?? (await lastTarget(name, store));
  const isOther = knownTarget !== null && knownTarget !== target;
  // Runs of another pipeline that had the name are not this one's.
  if (isOther) {
    const newest = (await positionsAfter(name, 0, store)).at(-1);
    return { ...found, state: null, after: newest?.sequence ?? 0 };
  }
  const after = saved === null ? sealedUpTo : saved.state.sequence;
  return { ...found, state: saved?.state ?? null, after };
}

/** Keeps a page under its number, or the next that is free: a number that was given is never given to other runs. */
export async function sealRuns(
  { pipeline, page, runs }: { pipeline: string; page: number; runs: readonly RunSummary[] },
  store: ArtefactStore,
): Promise<ArtefactRef> {
  const sealed = { runs };
  const sha256 = hashOf(sealed);
  for (let number = page; ; number++) {
    const ref = await putJson(store, historyPageUri(pipeline, number), sealed);
    if (ref.sha256 === sha256) return ref;
  }
}

/** The newest state that is sound. Of those after it that are damaged it is told, and what that means. */
async function newestState(
  pipeline: string,
  store: ArtefactStore,
  damage: string[],
): Promise<SavedState | null> {
  const uris = await store.list(folderOf(pipeline));
  for (const uri of uris.toReversed()) {
    try {
      return await stateAt(uri, store);
    } catch (error) {
      if (!isDamage(error)) throw error;
      damage.push(
        `${error.message}: the pipeline goes on from the state before it and the reports of the runs since; what people asked for in between is lost, unless it is put back from a backup`,
      );
    }
  }
  return null;
}

async function stateAt(uri: string, store: ArtefactStore): Promise<SavedState> {
  const { version } = (await getJson(store, uri, versionSchema)).state;
  if (version > CARRIED_VERSION) {
    throw new NewerStateError(
      `${uri} has version ${version}, written by a newer CalmOps; this one knows versions up to ${CARRIED_VERSION}. Run the newer one again.`,
    );
  }
  return getJson(store, uri, savedStateSchema);
}

/** The position of the newest run on the newest page that is sound; 0 if there is none. */
async function newestSealed(
  pipeline: string,
  pages: readonly number[],
  store: ArtefactStore,
  damage: string[],
): Promise<number> {
  for (const page of pages.toReversed()) {
    try {
      return await newestOn(historyPageUri(pipeline, page), store);
    } catch (error) {
      if (!isDamage(error)) throw error;
      damage.push(
        `${error.message}: its runs are read from their reports as far as they are needed`,
      );
    }
  }
  return 0;
}

const hashOf = (value: object): string =>
  createHash('sha256').update(encodeJson(value)).digest('hex');

async function newestNumber(pipeline: string, store: ArtefactStore): Promise<number | null> {
  const newest = (await store.list(folderOf(pipeline))).at(-1);
  return newest === undefined ? null : numberOf(newest);
}

const numberOf = (uri: string): number => Number(/(\d+)\.json$/.exec(uri)?.[1]);

async function newestOn(uri: string, store: ArtefactStore): Promise<number> {
  const runs = await getJson(store, uri, pageSchema);
  return Math.max(0, ...runs.map(({ sequence }) => sequence));
}
