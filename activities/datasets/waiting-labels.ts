import { z } from 'zod';
import {
  ArtefactDamagedError,
  type ArtefactRef,
  type ArtefactStore,
} from '../../store/artefact-store.ts';
import { getJson, putComputedJson, putJson, type JsonObject } from '../../store/json.ts';
import { reportUri, type RunPointer, type RunReport } from '../../workflows/contract.ts';
import { unlessDamaged } from '../damage.ts';
import { digestOf } from '../digest.ts';
import type { Environment } from '../environment.ts';
import { stemOf } from './labels-of.ts';

type Telling = Pick<Environment, 'store' | 'told'>;

/** Labels that came before the file that they are of. */
export interface WaitingLabels {
  readonly by: RunPointer;
  /** the labels as they were read */
  readonly ref: ArtefactRef;
}

/**
 * The labels that wait for a file of this name: the newest of those that came since the last file of the name took
 * some, so that none is joined to two files. A file that took labels is given the same ones when it is run again.
 *
 * The runs of a pipeline end one after the other and are recorded when they end, so that a run is told the same at
 * every attempt.
 * @param sha256 of the file
 * @throws ArtefactDamagedError, ArtefactMissingError if neither the entry of the labels nor the report of their run can be read
 */
export async function labelsWaitingFor(
  stem: string,
  sha256: string,
  pipeline: string,
  environment: Telling,
): Promise<WaitingLabels | null> {
  const { store } = environment;
  // Times have as many digits until the year 2286: the order of names is that of time.
  const uris = await store.list(prefixOf(pipeline, stem));
  const taken = uris.filter(isTaken);
  for (const uri of taken) {
    const run = runIn(uri);
    if (run.sha256 === sha256) return takenAt(uri, run, pipeline, environment);
  }
  const last = taken.at(-1);
  const newest = uris.findLast((uri) => !isTaken(uri) && (last === undefined || uri > last));
  return newest === undefined ? null : waitingAt(newest, runIn(newest), pipeline, environment);
}

/** Records of a run that has ended that its labels wait, or that its file took labels that waited. */
export async function recordWaiting(
  { pipeline, summary, dataset }: Pick<RunReport, 'pipeline' | 'dataset'> & { summary: RunEnd },
  environment: Telling,
): Promise<void> {
  const { store } = environment;
  if (dataset === null) return;
  const { fileName, sha256, revision, finishedAt } = summary;
  const by = { fileName, sha256, revision };
  const { waitsFor, labelsFrom } = dataset;
  const uriFor = (stem: string, what: string): string =>
    `${prefixOf(pipeline, stem)}${Date.parse(finishedAt)}.${sha256}.${revision}.${what}.json`;
  if (waitsFor !== undefined) {
    await putJson(store, uriFor(waitsFor, 'labels'), { by, ref: dataset.ref });
  }
  if (labelsFrom === undefined) return;
  const stem = stemOf(fileName);
  const labels = await labelsWaitingFor(stem, sha256, pipeline, environment);
  if (labels === null) throw new Error(`the labels that ${fileName} took are not in the store`);
  await putJson(store, uriFor(stem, TAKEN), { file: by, labels });
}

/** The run that an entry is of, as its name tells. */
type RunInName = Pick<RunPointer, 'sha256' | 'revision'>;

function runIn(uri: string): RunInName {
  const [, , sha256 = '', revision] = uri.slice(uri.lastIndexOf('/') + 1).split('.');
  return { sha256, revision: Number(revision) };
}

/**
 * The labels of a run that brought them. An entry that is damaged is made anew of the run's report.
 * @throws ArtefactDamagedError, ArtefactMissingError if that cannot be read either
 */
async function waitingAt(
  uri: string,
  run: RunInName,
  pipeline: string,
  environment: Telling,
): Promise<WaitingLabels> {
  const read = (): Promise<WaitingLabels> => getJson(environment.store, uri, waitingSchema);
  return (
    (await unlessDamaged(environment, { uri, done: OF_REPORT }, read)) ??
    (await madeAnew(uri, environment, waitingSchema, () => labelsOfRun(run, pipeline, environment)))
  );
}

/** The labels that a run took. See `waitingAt`. */
async function takenAt(
  uri: string,
  run: RunInName,
  pipeline: string,
  environment: Telling,
): Promise<WaitingLabels> {
  const { store } = environment;
  const read = (): Promise<z.infer<typeof takenSchema>> => getJson(store, uri, takenSchema);
  const taken =
    (await unlessDamaged(environment, { uri, done: OF_REPORT }, read)) ??
    (await madeAnew(uri, environment, takenSchema, async () => {
      const { summary, dataset } = await reportOf(run, pipeline, store);
      const { labelsFrom } = dataset ?? {};
      if (labelsFrom === undefined)
        throw new ArtefactDamagedError(`${uri} is of a run without labels`);
      const { fileName, sha256, revision } = summary;
      const labels = await labelsOfRun(labelsFrom, pipeline, environment);
      return { file: { fileName, sha256, revision }, labels };
    }));
  return taken.labels;
}

const OF_REPORT = 'It was made anew of the report of its run';

async function madeAnew<T extends object>(
  uri: string,
  { store }: Telling,
  schema: z.ZodType<T>,
  make: () => Promise<T>,
): Promise<T> {
  const made = schema.parse(await make());
  await putComputedJson(store, uri, made as JsonObject<T>);
  return made;
}

async function labelsOfRun(
  run: RunInName,
  pipeline: string,
  { store }: Telling,
): Promise<WaitingLabels> {
  const { summary, dataset } = await reportOf(run, pipeline, store);
  const { fileName, sha256, revision } = summary;
  if (dataset === null) {
    throw new ArtefactDamagedError(`the report of ${fileName} names no labels that it brought`);
  }
  return { by: { fileName, sha256, revision }, ref: dataset.ref };
}

function reportOf(
  { sha256, revision }: RunInName,
  pipeline: string,
  store: ArtefactStore,
): Promise<z.infer<typeof reportSchema>> {
  return getJson(store, reportUri(pipeline, sha256, revision), reportSchema);
}

type RunEnd = Pick<RunReport['summary'], 'fileName' | 'sha256' | 'revision' | 'finishedAt'>;

const TAKEN = 'taken';

const prefixOf = (pipeline: string, stem: string): string =>
  `waiting/${pipeline}/${digestOf(stem)}.`;

const isTaken = (uri: string): boolean => uri.endsWith(`.${TAKEN}.json`);

const pointer = { fileName: z.string(), sha256: z.string(), revision: z.number() };
const pointerSchema = z.strictObject(pointer);

/** What of a report entries are made from. */
const reportSchema = z.object({
  summary: z.object(pointer),
  dataset: z
    .object({
      ref: z.object({ uri: z.string(), sha256: z.string(), bytes: z.number() }),
      labelsFrom: z.object(pointer).exactOptional(),
    })
    .nullable(),
});

const waitingSchema: z.ZodType<WaitingLabels> = z.strictObject({
  by: pointerSchema,
  ref: z.strictObject({ uri: z.string(), sha256: z.string(), bytes: z.number() }),
});

const takenSchema = z.strictObject({ file: pointerSchema, labels: waitingSchema });
