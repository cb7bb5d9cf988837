import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import {
  addToReservoir,
  emptyReservoir,
  type Reservoir,
} from '../../core/models/retrain/reservoir.ts';
import { columnOf, type Table } from '../../core/table.ts';
import { writeTableParquet } from '../../data/table-parquet.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { ArtefactDamagedError, type ArtefactRef } from '../../store/artefact-store.ts';
import { getJson, putComputedJson } from '../../store/json.ts';
import { parseModelCard, type ModelCard } from '../../store/model-card.ts';
import type { ModelRef } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import { FROM_BACKUP, unlessDamaged } from '../damage.ts';
import type { Environment } from '../environment.ts';
import { splitRows } from '../models/holdout.ts';
import { loadTable } from '../datasets/ingest.ts';
import {
  cardOf,
  isRowsOf,
  knowledgeOf,
  knownTo,
  splitOf,
  type KnownDataset,
} from '../models/lineage.ts';

/** Where the reservoir of a lineage is, and what it is a sample of. */
export interface StoredReservoir {
  /** its rows, with their keys */
  readonly table: ArtefactRef;
  /** rows that it is a sample of */
  readonly seen: number;
  /** datasets whose rows it was sampled from, oldest first */
  readonly datasets: readonly KnownDataset[];
}

/** Models further back than this are forgotten: the sample is of what came after. */
const MOST_MODELS = 1_000;

/**
 * The reservoir of a model: of its lineage, the rows of each model's own file that were not held out. It is made
 * when it is first asked for, from the reservoir of the model before it, and kept: so a lineage pays for it
 * only if something learns from it, and then once a model. The same lineage gives the same rows.
 *
 * Its memory is that of one file and `retrain.reservoir` rows.
 * @returns null if the data of all files of the lineage are damaged
 */
export async function reservoirOf(
  model: ModelRef,
  config: PipelineConfig,
  environment: Environment,
): Promise<StoredReservoir | null> {
  const { store } = environment;
  const newer: ModelCard[] = [];
  let card: ModelCard | null = await cardOf(model, store);
  let reservoir: StoredReservoir | null = null;
  while (card !== null && newer.length < MOST_MODELS) {
    const uri = reservoirUri(card, config);
    if (await store.exists(uri)) {
      reservoir = await storedReservoir(uri, environment);
      if (reservoir !== null) break;
    }
    newer.push(card);
    card = await cardOfParent(card, environment);
  }
  const leftOut: string[] = [];
  for (const next of newer.toReversed()) {
    reservoir = await withFileOf(next, reservoir, { config, leftOut }, environment);
  }
  return reservoir;
}

/** null where it is damaged, or its rows are: both are set aside, so that they are made anew. */
async function storedReservoir(
  uri: string,
  environment: Environment,
): Promise<StoredReservoir | null> {
  const { store } = environment;
  const done = 'The sample of the past was drawn anew from the data of its files';
  const found = await unlessDamaged(environment, { uri, done }, async () => {
    const reservoir = await getJson(store, uri, reservoirSchema);
    await loadTable(reservoir.table, environment);
    return reservoir;
  });
  if (found !== null) return found;
  await store.setAside(uri);
  await store.setAside(uri.replace(/json$/, 'parquet'));
  return null;
}

/**
 * Another size is another sample; other held-out rows must not come into it. A sample without the data of files that are damaged
 * has a name of its own, so that it is not taken for the whole once they are put back.
 * @param leftOut hashes of the data that it lacks
 */
function reservoirUri(
  { id, task }: ModelCard,
  config: PipelineConfig,
  leftOut: readonly string[] = [],
): string {
  const asked = [config.retrain.reservoir, splitOf(config, task), ...leftOut];
  return `models/${id}/reservoir.${digestOf(asked)}.json`;
}

/** null where there is no parent, or its card is damaged: the sample is of what came after. */
async function cardOfParent(
  { parent }: ModelCard,
  environment: Environment,
): Promise<ModelCard | null> {
  if (parent === null) return null;
  const uri = `models/${parent}/card.json`;
  const done = `The sample of the past begins after model ${parent}. ${FROM_BACKUP}`;
  return unlessDamaged(environment, { uri, done }, async () =>
    parseModelCard(await environment.store.get(uri)),
  );
}

async function withFileOf(
  card: ModelCard,
  before: StoredReservoir | null,
  { config, leftOut }: { readonly config: PipelineConfig; readonly leftOut: string[] },
  environment: Environment,
): Promise<StoredReservoir | null> {
  const { store } = environment;
  const { sha256, fileName, dataset } = card.trainedOn;
  const done = `The sample of the past is without the data of ${fileName}. ${FROM_BACKUP}, or run ${fileName} again`;
  const file = await unlessDamaged(environment, { uri: dataset.uri, done }, () =>
    loadTable(dataset, environment),
  );
  if (file === null) {
    leftOut.push(dataset.sha256);
    return before;
  }
  const rowsOf = knownTo(card).find((each) => each.sha256 === sha256)?.rowsOf;
  const labelsFor = rowsOf === undefined ? {} : { labelsFor: { fileName, sha256: rowsOf } };
  // Rows that were trained on twice count once.
  const known = before?.datasets.some((each) => isRowsOf(each, { sha256, ...labelsFor })) ?? false;
  const train = known ? new Int32Array(0) : splitRows(file, config, card.task).train;
  const old =
    before === null
      ? emptyReservoir(config.retrain.reservoir, config.seed)
      : await openReservoir(before, config, environment);
  const { table, keys, seen } = addToReservoir(old, file, train);
  const own = knowledgeOf(
    { sha256, fileName, ...labelsFor },
    { rows: train.length, part: 'training rows', split: splitOf(config, card.task) },
  );
  const uri = reservoirUri(card, config, leftOut);
  const reservoir: StoredReservoir = {
    table: await putTable(uri.replace(/json$/, 'parquet'), withKeys(table, keys), environment),
    seen,
    datasets: [...(before?.datasets ?? []), ...(known ? [] : [own])],
  };
  await putComputedJson(store, uri, reservoir);
  return reservoir;
}

/** The rows of a reservoir, as they were read from their files. */
export async function reservoirRows(
  reservoir: StoredReservoir,
  environment: Environment,
): Promise<Table> {
  return withoutKeys(await loadTable(reservoir.table, environment));
}

async function openReservoir(
  { table: ref, seen }: StoredReservoir,
  { retrain, seed }: PipelineConfig,
  environment: Environment,
): Promise<Reservoir> {
  const stored = await loadTable(ref, environment);
  const keys = columnOf(stored, KEYS);
  if (keys.kind !== 'numeric') {
    throw new ArtefactDamagedError(`${ref.uri}: column '${KEYS}' is ${keys.kind}, not numeric`);
  }
  return { capacity: retrain.reservoir, seed, seen, table: withoutKeys(stored), keys: keys.values };
}

/** The column in which the keys of a reservoir are stored beside its rows. */
const KEYS = '__calmops_reservoir_key';

function withKeys({ rows, columns }: Table, keys: Float64Array): Table {
  return { rows, columns: [...columns, { kind: 'numeric', name: KEYS, values: keys }] };
}

function withoutKeys({ rows, columns }: Table): Table {
  return { rows, columns: columns.filter(({ name }) => name !== KEYS) };
}

async function putTable(
  uri: string,
  table: Table,
  { store, scratchFolder }: Environment,
): Promise<ArtefactRef> {
  const scratch = path.join(scratchFolder, `${randomUUID()}.parquet`);
  try {
    await writeTableParquet(table, scratch);
    return await store.putFile(uri, scratch);
  } finally {
    await rm(scratch, { force: true });
  }
}

const reservoirSchema: z.ZodType<StoredReservoir> = z.strictObject({
  table: z.strictObject({ uri: z.string(), sha256: z.string(), bytes: z.number() }),
  seen: z.number(),
  datasets: z.array(
    z.strictObject({
      sha256: z.string(),
      rowsOf: z.string().exactOptional(),
      fileName: z.string(),
      rows: z.number(),
      part: z.enum(['training rows', 'all rows']),
      split: z.string().nullable(),
    }),
  ),
});
