/** The models of a pipeline, with what the store knows of each. */
import type { Comparison } from '../core/models/metrics/evaluation.ts';
import type { ModelCard } from '../store/model-card.ts';
import {
  pipelineModels,
  pipelineStatus,
  pipelineWorkflowId,
  type AuditEntry,
  type Candidate,
  type ModelRef,
  type PipelineModels,
  type PipelineStatus,
} from '../workflows/contract.ts';
import type { Known } from './known.ts';
import { runOfReport } from './paths.ts';
import type { Published } from './published.ts';
import type { Ask } from './ask.ts';

export interface ModelsView extends PipelineModels {
  /** the challenger that runs beside the champion */
  readonly shadow: PipelineStatus['shadow'] | null;
  /** what people did to the models, newest first */
  readonly audit: readonly AuditEntry[];
  /** by model id; a model whose card the store does not have is absent */
  readonly cards: ReadonlyMap<string, ModelCard>;
  /** what the gate measured of candidates, by model id; absent where no report tells */
  readonly comparisons: ReadonlyMap<string, Comparison>;
}

const ABOUT_MODELS: ReadonlySet<AuditEntry['action']> = new Set([
  'promote',
  'dropShadow',
  'rollback',
  'importModel',
]);

/** Null when there is no such pipeline. */
export async function modelsOf(
  { temporal, memory, published }: Ask,
  name: string,
): Promise<Known<ModelsView> | null> {
  const workflowId = pipelineWorkflowId(name);
  const [known, status] = await Promise.all([
    memory.latest(`models/${name}`, () => temporal.query(workflowId, pipelineModels)),
    memory.latest(`status/${name}`, () => temporal.query(workflowId, pipelineStatus)),
  ]);
  if (known === null || status === null) return null;
  const { champion, previous, candidates } = known.value ?? NO_MODELS;
  const shadow = status.value?.shadow ?? null;
  const audit = (status.value?.audit ?? []).filter(({ action }) => ABOUT_MODELS.has(action));
  const models = [champion?.model, shadow?.model, previous?.model, ...candidates];
  const [cards, comparisons] = await Promise.all([
    cardsOf(published, models),
    comparisonsOf(published, candidates),
  ]);
  const value = { champion, previous, candidates, shadow, audit, cards, comparisons };
  return { value, stale: known.stale ?? status.stale };
}

const NO_MODELS: PipelineModels = { champion: null, previous: null, candidates: [] };

async function cardsOf(
  published: Published,
  models: readonly (ModelRef | undefined)[],
): Promise<ReadonlyMap<string, ModelCard>> {
  const cards = new Map<string, ModelCard>();
  await Promise.all(
    models.map(async (model) => {
      const card = model === undefined ? null : await published.card(model);
      if (model !== undefined && card !== null) cards.set(model.id, card);
    }),
  );
  return cards;
}

/** A report tells of the last challenger that its run compared, and of the one in shadow. */
async function comparisonsOf(
  published: Published,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, Comparison>> {
  const comparisons = new Map<string, Comparison>();
  await Promise.all(
    candidates.map(async ({ id, report: ref }) => {
      const run = ref === undefined ? null : runOfReport(ref.uri);
      const report = run === null ? null : await published.report(run);
      if (report?.shadow?.model.id === id) comparisons.set(id, report.shadow.comparison);
      else if (report?.challenger?.id === id && report.comparison !== null) {
        comparisons.set(id, report.comparison);
      }
    }),
  );
  return comparisons;
}
