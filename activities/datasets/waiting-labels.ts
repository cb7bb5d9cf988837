import { z } from 'zod';
import type { ArtefactRef, ArtefactStore } from '../../store/artefact-store.ts';
import { getJson, putJson } from '../../store/json.ts';
import type { RunPointer, RunReport } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import { stemOf } from './labels-of.ts';

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
 */
export async function labelsWaitingFor(
  stem: string,
  sha256: string,
  pipeline: string,
  store: ArtefactStore,
): Promise<WaitingLabels | null> {
  // Times have as many digits until the year 2286: the order of names is that of time.
  const uris = await store.list(prefixOf(pipeline, stem));
  const taken = uris.filter(isTaken);
  for (const uri of taken) {
    const { file, labels } = await getJson(store, uri, takenSchema);
    if (file.sha256 === sha256) return labels;
  }
  const last = taken.at(-1);
  const newest = uris.findLast((uri) => !isTaken(uri) && (last === undefined || uri > last));
  return newest === undefined ? null : getJson(store, newest, waitingSchema);
}

/** Records of a run that has ended that its labels wait, or that its file took labels that waited. */
export async function recordWaiting(
  { pipeline, summary, dataset }: Pick<RunReport, 'pipeline' | 'dataset'> & { summary: RunEnd },
  store: ArtefactStore,
): Promise<void> {
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
  const labels = await labelsWaitingFor(stem, sha256, pipeline, store);
  if (labels === null) throw new Error(`the labels that ${fileName} took are not in the store`);
  await putJson(store, uriFor(stem, TAKEN), { file: by, labels });
}

type RunEnd = Pick<RunReport['summary'], 'fileName' | 'sha256' | 'revision' | 'finishedAt'>;

const TAKEN = 'taken';

const prefixOf = (pipeline: string, stem: string): string =>
  `waiting/${pipeline}/${digestOf(stem)}.`;

const isTaken = (uri: string): boolean => uri.endsWith(`.${TAKEN}.json`);

const pointerSchema = z.strictObject({
  fileName: z.string(),
  sha256: z.string(),
  revision: z.number(),
});

const waitingSchema: z.ZodType<WaitingLabels> = z.strictObject({
  by: pointerSchema,
  ref: z.strictObject({ uri: z.string(), sha256: z.string(), bytes: z.number() }),
});

const takenSchema = z.strictObject({ file: pointerSchema, labels: waitingSchema });
