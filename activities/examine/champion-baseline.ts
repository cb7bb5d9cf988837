import { z } from 'zod';
import type { Evaluation, Performance } from '../../core/models/metrics/evaluation.ts';
import {
  BASELINE_FILES,
  growBaseline,
  joinsBaseline,
  type GrownBaseline,
} from '../../core/models/metrics/grown-baseline.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { isDamage, type ArtefactStore } from '../../store/artefact-store.ts';
import { getJson, putComputedJson, putJson } from '../../store/json.ts';
import { evaluationSchema, type ModelCard } from '../../store/model-card.ts';
import { fileOfRows, type Dataset } from '../../workflows/contract.ts';
import { FROM_BACKUP, tellDamage } from '../damage.ts';
import { positionsAfter } from '../datasets/earlier-datasets.ts';
import { soundReports } from '../datasets/sound-reports.ts';
import { digestOf } from '../digest.ts';
import type { Environment } from '../environment.ts';
import { knowsRowsOf } from '../models/lineage.ts';
import { primaryMetric } from '../models/scoring.ts';

type Telling = Pick<Environment, 'store' | 'told'>;

/** A run that asks how its champion did before. */
export interface AskingRun {
  readonly config: PipelineConfig;
  readonly dataset: Dataset;
  /** of the champion */
  readonly card: ModelCard;
  /** the run's position in the pipeline's order; null where it is not known, and then no file joins */
  readonly sequence: number | null;
}

/**
 * What the champion scored on the rows held out of its training and on its first files before this run. Rows are no
 * part of what they are compared with themselves, however often their file is run or labels for it come.
 *
 * Each file that joined is kept beside the model under its position. Runs end one after the other, so that the same
 * run is always told the same, however often it asks.
 */
export async function baselineBefore(run: AskingRun, environment: Telling): Promise<GrownBaseline> {
  const { card, dataset, sequence } = run;
  const { store } = environment;
  if (sequence === null) return growBaseline(card.baseline, []);
  const uris = await store.list(folderOf(run));
  const earlier = uris.map(entryOf).filter((entry) => entry.sequence < sequence);
  const rows = fileOfRows(dataset);
  const others = earlier.filter((entry) => entry.rowsOf !== rows);
  const files = await Promise.all(
    others.slice(0, BASELINE_FILES).map((entry) => evaluationAt(entry, run, environment)),
  );
  return growBaseline(
    card.baseline,
    files.filter((evaluation) => evaluation !== null),
  );
}

/** Evaluations that were read, of each store. What is stored never changes, and every file of a champion asks for the same ones. */
const evaluationsRead = new WeakMap<ArtefactStore, Map<string, Evaluation>>();

/** Of a hundred champions; the one that was read first gives way. */
const MOST_KEPT = 100 * BASELINE_FILES;

async function evaluationAt(
  entry: JoinedEntry,
  run: AskingRun,
  environment: Telling,
): Promise<Evaluation | null> {
  const kept = evaluationsRead.get(environment.store) ?? new Map<string, Evaluation>();
  evaluationsRead.set(environment.store, kept);
  const known = kept.get(entry.uri);
  if (known !== undefined) return known;
  const joined = await joinedAt(entry, run, environment);
  if (joined === null) return null;
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(entry.uri, joined.evaluation);
  return joined.evaluation;
}

/** What joined, made anew of its report where it is damaged; null where that cannot be read either, which is told. */
async function joinedAt(
  { uri, sequence }: JoinedEntry,
  { config }: AskingRun,
  environment: Telling,
): Promise<Joined | null> {
  const { store } = environment;
  try {
    return await getJson(store, uri, joinedSchema);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const joined = await joinedInReport(config.name, sequence, store);
    if (joined === null) {
      const done = `The champion was compared with its other files, since the report of that run cannot be read either. ${FROM_BACKUP}`;
      await tellDamage(environment, { uri, done }, error);
      return null;
    }
    await tellDamage(
      environment,
      { uri, done: 'It was made anew of the report of its run' },
      error,
    );
    await putComputedJson(store, uri, joined);
    return joined;
  }
}

async function joinedInReport(
  pipeline: string,
  sequence: number,
  store: ArtefactStore,
): Promise<Joined | null> {
  const positions = await positionsAfter(pipeline, sequence - 1, store);
  const position = positions.find((each) => each.sequence === sequence);
  if (position === undefined) return null;
  const { sha256 } = position;
  const { reports } = await soundReports({ pipeline, sha256 }, reportSchema, store);
  const report = reports.find(({ summary }) => summary.sequence === sequence);
  if (report?.evaluation === undefined || report.evaluation === null) return null;
  const { current: evaluation } = report.evaluation.champion;
  return { version: 1, fileName: report.summary.fileName, evaluation };
}

/**
 * Lets a file join the baseline that it was compared with, if it may: one whose rows the champion was trained on
 * may not, and no rows join twice, whatever labels they have. Asking again changes nothing.
 */
export async function joinBaseline(
  run: AskingRun,
  performance: Performance,
  baseline: GrownBaseline,
  store: ArtefactStore,
): Promise<void> {
  const { dataset, card, sequence } = run;
  if (sequence === null || !joinsBaseline(performance, baseline)) return;
  if (knowsRowsOf(card, dataset)) return;
  const folder = folderOf(run);
  const joined = (await store.list(folder)).map(entryOf);
  const rows = fileOfRows(dataset);
  if (joined.some(({ rowsOf }) => rowsOf === rows)) return;
  const position = String(sequence).padStart(SEQUENCE_DIGITS, '0');
  const stored: Joined = {
    version: 1,
    fileName: dataset.fileName,
    evaluation: performance.current,
  };
  await putJson(store, `${folder}${position}.${rows}.json`, stored);
}

interface Joined {
  readonly version: 1;
  readonly fileName: string;
  readonly evaluation: Evaluation;
}

const joinedSchema: z.ZodType<Joined> = z.strictObject({
  version: z.literal(1),
  fileName: z.string(),
  evaluation: evaluationSchema,
});

/** What of a report an entry is made from. */
const reportSchema = z.object({
  summary: z.object({ sequence: z.number(), fileName: z.string() }),
  evaluation: z.object({ champion: z.object({ current: evaluationSchema }) }).nullable(),
});

const SEQUENCE_DIGITS = 9;

/** Evaluations that were made in another way are no part of the same baseline. */
function folderOf({ card, config }: AskingRun): string {
  const asked = [primaryMetric(config, card), config.gate.confidence, config.seed];
  return `models/${card.id}/baseline.${digestOf(asked)}/`;
}

interface JoinedEntry {
  readonly uri: string;
  readonly sequence: number;
  readonly rowsOf: string;
}

/** What the name of an entry says: of which run it is, and the rows of which file. */
function entryOf(uri: string): JoinedEntry {
  const [position, rowsOf = ''] = uri.slice(uri.lastIndexOf('/') + 1).split('.');
  return { uri, sequence: Number(position), rowsOf };
}
