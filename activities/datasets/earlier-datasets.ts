import { z } from 'zod';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { isDamage, type ArtefactStore } from '../../store/artefact-store.ts';
import { getJson, putComputedJson, putJson } from '../../store/json.ts';
import type { Dataset, RunReport } from '../../workflows/contract.ts';
import { FROM_BACKUP, tellDamage } from '../damage.ts';
import type { Environment } from '../environment.ts';
import { datasetUri, firstDatasetUri } from './dataset-uri.ts';
import { soundReports } from './sound-reports.ts';

type Telling = Pick<Environment, 'store' | 'told'>;

/** A dataset that a pipeline processed. */
export interface EarlierDataset {
  readonly dataset: Dataset;
  /** position in the pipeline's order of its first run */
  readonly sequence: number;
  /** ISO 8601 */
  readonly arrivedAt: string;
}

/** More than this are not looked at, however small they are. */
const MOST = 1_000;
/** Entries that are read at the same time. */
const BATCH = 50;

/**
 * The datasets that a pipeline processed before a run, newest first, whatever became of their runs: those with
 * labels and those without. A dataset whose run was repeated is there once, in the place of its first run;
 * one that was read in another way than the pipeline reads files now, or through other hooks, is not there.
 *
 * Runs of a pipeline end one after the other and are recorded when they end, so that the same run is always
 * told the same, however often it asks.
 * @param beforeSequence the asking run's own position
 * @param most the newest so many, 1,000 at most
 */
export async function earlierDatasets(
  config: PipelineConfig,
  beforeSequence: number,
  environment: Telling,
  most: number = MOST,
): Promise<readonly EarlierDataset[]> {
  const entries = await entriesBefore(config, beforeSequence, environment.store);
  return readEntries(config.name, entries.slice(0, Math.min(most, MOST)), environment);
}

/**
 * The newest of them that are what is looked for. Entries are read, newest first, until there are enough: what a
 * pipeline processed long before costs nothing where newer ones will do.
 */
export async function earlierThat(
  isWanted: (earlier: EarlierDataset) => boolean,
  config: PipelineConfig,
  beforeSequence: number,
  environment: Telling,
  { most = MOST, byEarlierRules = false }: EarlierOptions = {},
): Promise<readonly EarlierDataset[]> {
  const all = await entriesBefore(config, beforeSequence, environment.store, byEarlierRules);
  const entries = all.slice(0, MOST);
  const found: EarlierDataset[] = [];
  for (let from = 0; from < entries.length && found.length < most; from += BATCH) {
    const read = await readEntries(config.name, entries.slice(from, from + BATCH), environment);
    found.push(...read.filter(isWanted));
  }
  return found.slice(0, most);
}

/**
 * Those of them that have labels, which their entries' names tell: the others are not read.
 * @param most the newest so many, 1,000 at most
 * @returns also whether these are all
 */
export async function earlierLabelled(
  config: PipelineConfig,
  beforeSequence: number,
  environment: Telling,
  most: number = MOST,
): Promise<{ readonly datasets: readonly Dataset[]; readonly isAll: boolean }> {
  const entries = (await entriesBefore(config, beforeSequence, environment.store)).filter(
    ({ labelled }) => labelled !== false,
  );
  const limit = Math.min(most, MOST);
  const found = await readEntries(config.name, entries.slice(0, limit), environment);
  const datasets = found.map(({ dataset }) => dataset).filter(({ labelled }) => labelled);
  return { datasets, isAll: limit === MOST || entries.length <= limit };
}

/** Which earlier datasets are looked for. */
export interface EarlierOptions {
  /** so many are enough */
  readonly most?: number;
  /** also those that were read by the rules of an earlier version */
  readonly byEarlierRules?: boolean;
}

/** Newest first, each dataset once. */
async function entriesBefore(
  config: PipelineConfig,
  beforeSequence: number,
  store: ArtefactStore,
  byEarlierRules = false,
): Promise<readonly Entry[]> {
  const uris = await store.list(folderOf(config.name));
  const entries = latestOfEach(uris.map(entryOf)).filter(
    ({ sequence, sha256, readAs }) =>
      sequence < beforeSequence &&
      (readAs === datasetUri(config, sha256) ||
        (byEarlierRules && readAs === firstDatasetUri(config, sha256))),
  );
  return firstOfEach(entries);
}

async function readEntries(
  pipeline: string,
  newest: readonly Entry[],
  environment: Telling,
): Promise<readonly EarlierDataset[]> {
  const found: EarlierDataset[] = [];
  for (let from = 0; from < newest.length; from += BATCH) {
    const batch = newest.slice(from, from + BATCH);
    const read = await Promise.all(batch.map((entry) => readEntry(pipeline, entry, environment)));
    found.push(...read.filter((each) => each !== null));
  }
  return found;
}

/** null where neither the entry nor the report of its run can be read, or the file brought no data: that is told. */
async function readEntry(
  pipeline: string,
  { uri, sha256, sequence }: Entry,
  environment: Telling,
): Promise<EarlierDataset | null> {
  const { store } = environment;
  try {
    return await getJson(store, uri, entrySchema);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const { reports } = await soundReports({ pipeline, sha256 }, reportSchema, store);
    const report = reports.find(({ summary }) => summary.sequence === sequence);
    if (report?.dataset === undefined || report.dataset === null) {
      const done = `The file is passed over, since its report cannot be read either. ${FROM_BACKUP}`;
      await tellDamage(environment, { uri, done }, error);
      return null;
    }
    const { dataset, summary } = report;
    const entry = { dataset, sequence, arrivedAt: summary.arrivedAt };
    await tellDamage(
      environment,
      { uri, done: 'It was made anew of the report of its run' },
      error,
    );
    await putComputedJson(store, uri, entry);
    return entry;
  }
}

/** The hashes that runs recorded of a dataset, whichever pipelines they were of. */
export async function recordedHashes(
  uri: string,
  store: ArtefactStore,
): Promise<readonly string[]> {
  const hashes = new Set<string>();
  for (const entry of (await store.list('arrivals/')).map(entryOf)) {
    if (entry.datasetUri !== uri) continue;
    try {
      hashes.add((await getJson(store, entry.uri, entrySchema)).dataset.ref.sha256);
    } catch (error) {
      // Another entry, or none, tells.
      if (!isDamage(error)) throw error;
    }
  }
  return [...hashes];
}

/** The sha256 of the file whose run ended last; null if there was none. */
export async function newestFile(pipeline: string, store: ArtefactStore): Promise<string | null> {
  const entries = (await store.list(folderOf(pipeline))).map(entryOf);
  return entries.sort((a, b) => b.finishedAt - a.finishedAt)[0]?.sha256 ?? null;
}

/** A place in the order of a pipeline, and the file whose run took it. */
export interface Position {
  readonly sequence: number;
  readonly sha256: string;
  /** ms since the epoch, when that run ended */
  readonly finishedAt: number;
}

/** The places after one that runs have taken, ascending; of a place that was taken twice the later run. */
export async function positionsAfter(
  pipeline: string,
  after: number,
  store: ArtefactStore,
): Promise<readonly Position[]> {
  const entries = (await store.list(folderOf(pipeline))).map(entryOf);
  return latestOfEach(entries.filter(({ sequence }) => sequence > after))
    .map(({ sequence, sha256, finishedAt }) => ({ sequence, sha256, finishedAt }))
    .reverse();
}

/**
 * Records the dataset of a run that has ended in its pipeline's order, under a name that alone says which it
 * is, so that a folder of thousands is read by its names. Recording it again changes nothing.
 */
export async function recordDataset(
  { pipeline, file, summary, dataset }: RecordedRun,
  store: ArtefactStore,
): Promise<void> {
  const { sequence, arrivedAt, finishedAt } = summary;
  const position = `${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.${Date.parse(finishedAt)}`;
  // Labels without their file are no rows of the pipeline.
  const rows = dataset?.waitsFor === undefined ? dataset : null;
  const read = rows?.ref.uri.replace(/^datasets\//, '').replace(/\.parquet$/, '');
  // A file that could not be read takes its place too: it may have been another's before a fresh start.
  const name =
    rows === null ? `${file.sha256}.unread` : `${read}.${rows.labelled ? LABELLED : UNLABELLED}`;
  const uri = `${folderOf(pipeline)}${position}.${name}.json`;
  await putJson(store, uri, { dataset: rows, sequence, arrivedAt });
}

/** What of a report the order of a pipeline's datasets is made from. */
type RecordedRun = Pick<RunReport, 'pipeline' | 'file' | 'dataset'> & {
  readonly summary: Pick<RunReport['summary'], 'sequence' | 'arrivedAt' | 'finishedAt'>;
};

const SEQUENCE_DIGITS = 9;

const folderOf = (pipeline: string): string => `arrivals/${pipeline}/`;

const datasetSchema: z.ZodType<Dataset> = z.looseObject({
  ref: z.strictObject({ uri: z.string(), sha256: z.string(), bytes: z.number() }),
  sha256: z.string(),
  fileName: z.string(),
  rows: z.number(),
  columns: z.number(),
  labelled: z.boolean(),
  task: z.enum(['classification', 'regression']).nullable(),
  taskReason: z.string(),
  notes: z.array(z.string()).exactOptional(),
  labelsFor: z.strictObject({ fileName: z.string(), sha256: z.string() }).exactOptional(),
  labelsFrom: z
    .strictObject({ fileName: z.string(), sha256: z.string(), revision: z.number() })
    .exactOptional(),
});

const entrySchema: z.ZodType<EarlierDataset> = z.strictObject({
  dataset: datasetSchema,
  sequence: z.number(),
  arrivedAt: z.string(),
});

/** What of a report its entry is made from. */
const reportSchema = z.object({
  summary: z.object({ sequence: z.number(), arrivedAt: z.string() }),
  dataset: datasetSchema.nullable(),
});

/** What the names of entries end in; those of earlier versions in neither. */
const LABELLED = 'labelled';
const UNLABELLED = 'unlabelled';

/** What the name of an entry says. */
interface Entry {
  readonly uri: string;
  readonly sequence: number;
  readonly finishedAt: number;
  readonly sha256: string;
  readonly datasetUri: string;
  /** the same without what labels were joined to */
  readonly readAs: string;
  /** null where the name does not say */
  readonly labelled: boolean | null;
}

function entryOf(uri: string): Entry {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  const [sequence, finishedAt, sha256 = '', reading = '', ...rest] = name.split('.');
  const told = rest.slice(0, -1);
  const joined = told
    .filter((part) => part !== LABELLED && part !== UNLABELLED)
    .map((part) => `.${part}`);
  return {
    uri,
    sequence: Number(sequence),
    finishedAt: Number(finishedAt),
    sha256,
    datasetUri: `datasets/${sha256}.${reading}${joined.join('')}.parquet`,
    readAs: `datasets/${sha256}.${reading}.parquet`,
    labelled: told.includes(LABELLED) ? true : told.includes(UNLABELLED) ? false : null,
  };
}

/** Newest first; of one position the latest: a pipeline that was started anew counts from 1 again. */
function latestOfEach(entries: readonly Entry[]): readonly Entry[] {
  const latest = new Map<number, Entry>();
  for (const entry of entries) {
    const other = latest.get(entry.sequence);
    if (other === undefined || other.finishedAt < entry.finishedAt) {
      latest.set(entry.sequence, entry);
    }
  }
  return [...latest.values()].sort((a, b) => b.sequence - a.sequence);
}

/** Of the entries of one dataset that of its first run. */
function firstOfEach(newestFirst: readonly Entry[]): readonly Entry[] {
  const first = new Map(newestFirst.map((entry) => [entry.datasetUri, entry]));
  return newestFirst.filter((entry) => first.get(entry.datasetUri) === entry);
}
