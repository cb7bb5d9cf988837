import { z } from 'zod';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { isDamage, type ArtefactStore } from '../../store/artefact-store.ts';
import { parseModelCard } from '../../store/model-card.ts';
import type { Appointment, ModelRef } from '../../workflows/contract.ts';
import { newestFile } from '../datasets/earlier-datasets.ts';
import { soundReports } from '../datasets/sound-reports.ts';
import { modelRefOf } from './model-ref.ts';

/**
 * The champion that a pipeline had after its last run, as the store knows it; null if there was no run, or none was in
 * force. For a pipeline whose own memory, on the Temporal server, is gone: the store outlives it. What people changed by hand
 * after that run is not in the store.
 */
export async function findChampion(
  { name, target }: Pick<PipelineConfig, 'name' | 'target'>,
  store: ArtefactStore,
): Promise<Appointment | null> {
  const last = await lastRun(name, store);
  if (last === null || last.championId === null) return null;
  const found = await storedModel(last.championId, store);
  // A pipeline of this name that predicted something else was another one.
  if (found === null || found.target !== target) return null;
  return {
    model: found.model,
    since: last.finishedAt,
    by: 'CalmOps',
    why: `it was in force after the run of ${last.fileName}, as the store has it`,
  };
}

/** What the champion after the last run of a pipeline predicts; null where the store does not tell. */
export async function lastTarget(pipeline: string, store: ArtefactStore): Promise<string | null> {
  const last = await lastRun(pipeline, store);
  if (last === null || last.championId === null) return null;
  return (await storedModel(last.championId, store))?.target ?? null;
}

async function lastRun(
  pipeline: string,
  store: ArtefactStore,
): Promise<z.infer<typeof summarySchema> | null> {
  const sha256 = await newestFile(pipeline, store);
  return sha256 === null ? null : lastRunOf(pipeline, sha256, store);
}

const summarySchema = z.object({
  fileName: z.string(),
  finishedAt: z.string(),
  championId: z.string().nullable(),
});
const reportSchema = z.object({ summary: summarySchema });

async function lastRunOf(
  pipeline: string,
  sha256: string,
  store: ArtefactStore,
): Promise<z.infer<typeof summarySchema> | null> {
  const { reports } = await soundReports({ pipeline, sha256 }, reportSchema, store);
  const runs = reports.map(({ summary }) => summary);
  return runs.sort((a, b) => Date.parse(b.finishedAt) - Date.parse(a.finishedAt))[0] ?? null;
}

/** A model whose card is in the store, and what it predicts; null if there is none, or it is damaged. */
export async function storedModel(
  id: string,
  store: ArtefactStore,
): Promise<{ readonly model: ModelRef; readonly target: string } | null> {
  const uri = `models/${id}/card.json`;
  try {
    const bytes = await store.get(uri);
    const card = parseModelCard(bytes);
    // Putting what is there gives its reference.
    const ref = await store.put(uri, bytes);
    return { model: modelRefOf(card, ref), target: card.target };
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}
