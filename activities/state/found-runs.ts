/** Runs as their reports have them, for a pipeline whose own state does not know them. */
import type { ArtefactStore } from '../../store/artefact-store.ts';
import {
  ArtefactDamagedError,
  ArtefactMissingError,
  isDamage,
} from '../../store/artefact-store.ts';
import { getJson, parseJson } from '../../store/json.ts';
import {
  reportUri,
  type FoundRun,
  type FoundRuns,
  type ModelRef,
} from '../../workflows/contract.ts';
import { positionsAfter, type Position } from '../datasets/earlier-datasets.ts';
import { storedModel } from '../models/find-champion.ts';
import { recordedReportSchema, type RecordedReport } from './state-schema.ts';

/** Most runs in one answer, and their bytes as JSON: well below what a payload takes. */
const MOST_RUNS = 50;
const MOST_BYTES = 128 * 1024;

/** The runs after a position, ascending; those without a report have not ended and are passed over. */
export async function findRuns(
  { pipeline, after }: { readonly pipeline: string; readonly after: number },
  store: ArtefactStore,
): Promise<FoundRuns> {
  const positions = await positionsAfter(pipeline, after, store);
  const newest = positions.at(-1)?.sequence ?? after;
  if (positions.length === 0) return { runs: [], next: null, newest };
  const reports = await reportsBySha256(pipeline, store);
  const runs: FoundRun[] = [];
  const damage: string[] = [];
  let bytes = 0;
  for (const position of positions) {
    const found = await foundRun(position, reports.get(position.sha256) ?? [], store);
    if (typeof found === 'string') damage.push(found);
    if (found === null || typeof found === 'string') continue;
    bytes += Buffer.byteLength(JSON.stringify(found));
    const isFull = runs.length === MOST_RUNS || bytes > MOST_BYTES;
    if (isFull && runs.length > 0) return { runs, next: lastOf(runs), newest, ...told(damage) };
    runs.push(found);
  }
  return { runs, next: null, newest, ...told(damage) };
}

/** A page of runs names a few; the command that checks the store names all. */
const MOST_TOLD = 5;

const told = (damage: readonly string[]): Pick<FoundRuns, 'damage'> =>
  damage.length === 0 ? {} : { damage: damage.slice(0, MOST_TOLD) };

/** The position of a run that has its report, which may be damaged; null if it has none. */
export async function findRun(
  run: { readonly pipeline: string; readonly sha256: string; readonly revision: number },
  store: ArtefactStore,
): Promise<{ readonly sequence: number } | null> {
  const uri = reportUri(run.pipeline, run.sha256, run.revision);
  try {
    const { sequence } = (await getJson(store, uri, recordedReportSchema)).summary;
    return { sequence };
  } catch (error) {
    if (error instanceof ArtefactMissingError) return null;
    if (!(error instanceof ArtefactDamagedError)) throw error;
    // That there is a report says that the run is over; its place is also in the order of the pipeline.
    const positions = await positionsAfter(run.pipeline, 0, store);
    const taken = positions.filter(({ sha256 }) => sha256 === run.sha256);
    return { sequence: taken.at(-1)?.sequence ?? 0 };
  }
}

const lastOf = (runs: readonly FoundRun[]): number => runs.at(-1)?.result.run.sequence ?? 0;

/** The names of the reports of each file: one for each of its runs. */
async function reportsBySha256(
  pipeline: string,
  store: ArtefactStore,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const folder = `reports/${pipeline}/`;
  const bySha256 = new Map<string, string[]>();
  for (const uri of await store.list(folder)) {
    const sha256 = uri.slice(folder.length).split('.')[0] ?? '';
    const others = bySha256.get(sha256);
    if (others === undefined) bySha256.set(sha256, [uri]);
    else others.push(uri);
  }
  return bySha256;
}

/** A sentence where the report of the run is damaged; null where it has none. */
async function foundRun(
  { sequence, finishedAt }: Position,
  uris: readonly string[],
  store: ArtefactStore,
): Promise<FoundRun | string | null> {
  const damaged: string[] = [];
  for (const uri of uris) {
    try {
      const bytes = await store.get(uri);
      const report = parseJson(bytes, { schema: recordedReportSchema, what: uri });
      const { summary } = report;
      if (summary.sequence !== sequence || Date.parse(summary.finishedAt) !== finishedAt) continue;
      // Putting what is there gives its reference.
      const ref = await store.put(uri, bytes);
      return await asFound({ ...report, summary: { ...summary, report: ref } }, store);
    } catch (error) {
      if (!isDamage(error)) throw error;
      damaged.push(`run ${sequence} is left out: ${error.message}`);
    }
  }
  return damaged[0] ?? null;
}

async function asFound(report: RecordedReport, store: ArtefactStore): Promise<FoundRun> {
  const { summary: run, left, champion } = report;
  const { candidates: refused, ...rest } = left ?? { candidates: [] };
  const candidates = refused.map((model) =>
    run.report === null ? model : { ...model, report: run.report },
  );
  const championAfter = await modelAfter(report, store);
  return {
    result: {
      run,
      candidate: candidates.at(-1) ?? null,
      otherCandidates: candidates.slice(0, -1),
      ...rest,
    },
    ...(champion !== undefined && { championBefore: champion }),
    ...(championAfter !== null && { championAfter }),
  };
}

/** The model in force after a run: one that its report describes, or one whose card is in the store. */
async function modelAfter(
  { summary: { championId }, champion, challenger, shadow }: RecordedReport,
  store: ArtefactStore,
): Promise<ModelRef | null> {
  if (championId === null) return null;
  const described = [champion, challenger, shadow?.model].find((each) => each?.id === championId);
  return described ?? (await storedModel(championId, store))?.model ?? null;
}
