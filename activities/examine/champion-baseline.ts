import { z } from 'zod';
import type { Evaluation, Performance } from '../../core/models/metrics/evaluation.ts';
import {
  BASELINE_FILES,
  growBaseline,
  joinsBaseline,
  type GrownBaseline,
} from '../../core/models/metrics/grown-baseline.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { getJson, putJson } from '../../store/json.ts';
import { evaluationSchema, type ModelCard } from '../../store/model-card.ts';
import { fileOfRows, type Dataset } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import { knowsRowsOf } from '../models/lineage.ts';
import { primaryMetric } from '../models/scoring.ts';

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
export async function baselineBefore(run: AskingRun, store: ArtefactStore): Promise<GrownBaseline> {
  const { card, dataset, sequence } = run;
  if (sequence === null) return growBaseline(card.baseline, []);
  const uris = await store.list(folderOf(run));
  const earlier = uris.map(entryOf).filter((entry) => entry.sequence < sequence);
  const rows = fileOfRows(dataset);
  const others = earlier.filter((entry) => entry.rowsOf !== rows);
  const first = others.slice(0, BASELINE_FILES);
  return growBaseline(
    card.baseline,
    await Promise.all(first.map(({ uri }) => evaluationAt(uri, store))),
  );
}

/** Evaluations that were read, of each store. What is stored never changes, and every file of a champion asks for the same ones. */
const evaluationsRead = new WeakMap<ArtefactStore, Map<string, Evaluation>>();

/** Of a hundred champions; the one that was read first gives way. */
const MOST_KEPT = 100 * BASELINE_FILES;

async function evaluationAt(uri: string, store: ArtefactStore): Promise<Evaluation> {
  const kept = evaluationsRead.get(store) ?? new Map<string, Evaluation>();
  evaluationsRead.set(store, kept);
  const known = kept.get(uri);
  if (known !== undefined) return known;
  const { evaluation } = await getJson(store, uri, joinedSchema);
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(uri, evaluation);
  return evaluation;
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

const SEQUENCE_DIGITS = 9;

/** Evaluations that were made in another way are no part of the same baseline. */
function folderOf({ card, config }: AskingRun): string {
  const asked = [primaryMetric(config, card), config.gate.confidence, config.seed];
  return `models/${card.id}/baseline.${digestOf(asked)}/`;
}

/** What the name of an entry says: of which run it is, and the rows of which file. */
function entryOf(uri: string): { uri: string; sequence: number; rowsOf: string } {
  const [position, rowsOf = ''] = uri.slice(uri.lastIndexOf('/') + 1).split('.');
  return { uri, sequence: Number(position), rowsOf };
}
