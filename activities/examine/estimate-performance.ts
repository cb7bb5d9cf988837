import { z } from 'zod';
import {
  estimatedMetricOf,
  estimatePerformance as estimate,
  fitPerformanceEstimator,
  type EstimatedPerformance,
  type PerformanceEstimator,
} from '../../core/drift/label-free/estimated-performance.ts';
import { loadModel } from '../../core/models/artefact/artefact.ts';
import { evaluate } from '../../core/models/metrics/evaluate.ts';
import { METRIC_NAMES } from '../../core/models/metrics/evaluation.ts';
import type { Model } from '../../core/models/model.ts';
import { scored } from '../../core/models/metrics/scored.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { getJson, putJson } from '../../store/json.ts';
import type { Dataset, ModelRef } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import type { Environment } from '../environment.ts';
import { heldOutRows } from '../models/held-out.ts';
import { loadTable } from '../datasets/ingest.ts';
import { cardOf } from '../models/lineage.ts';
import { openModel, predictions } from '../models/models.ts';
import { primaryMetric, scoreOn } from '../models/scoring.ts';

/**
 * Estimates the champion's primary metric on a file without labels, against its own baseline.
 * @returns null if too little was held out of its training to learn from, or that cannot be told any more
 */
export async function estimatePerformance(
  {
    config,
    dataset,
    champion,
  }: {
    readonly config: PipelineConfig;
    readonly dataset: Dataset;
    readonly champion: ModelRef;
  },
  environment: Environment,
): Promise<EstimatedPerformance | null> {
  const model = await openModel(champion, config, environment.store);
  const estimator = await estimatorOf(champion, model, config, environment);
  if (estimator === null) return null;
  const table = await loadTable(dataset.ref, environment);
  return estimate(estimator, table, predictions(model, table), config.gate.confidence);
}

/** Learned with the first file without labels that a champion meets, and stored beside it. */
async function estimatorOf(
  champion: ModelRef,
  model: Model,
  config: PipelineConfig,
  environment: Environment,
): Promise<PerformanceEstimator | null> {
  const { store } = environment;
  const asked = [primaryMetric(config, champion), config.gate, config.seed, config.timeColumn];
  const uri = `models/${champion.id}/estimator.${digestOf(asked)}.json`;
  if (await store.exists(uri)) return decoded(await getJson(store, uri, storedSchema));
  const fitted = await fit(champion, model, config, environment);
  await putJson(store, uri, encoded(fitted));
  return fitted;
}

async function fit(
  champion: ModelRef,
  model: Model,
  config: PipelineConfig,
  environment: Environment,
): Promise<PerformanceEstimator | null> {
  const card = await cardOf(champion, environment.store);
  const table = await heldOutRows(card, config, environment);
  if (table === null) return null;
  const { confidence } = config.gate;
  const { predictions: predicted, outcomes } = scoreOn(model, table);
  const metric = estimatedMetricOf(primaryMetric(config, champion), champion.task);
  const { primary } = evaluate(predicted, outcomes, metric, { confidence, seed: config.seed });
  return fitPerformanceEstimator(
    { table, scores: scored(predicted, outcomes), primary, confidence },
    model.schema.features,
    config.seed,
  );
}

const curveSchema = z.strictObject({
  kind: z.literal('isotonic'),
  thresholds: z.array(z.number()),
  values: z.array(z.number()),
});

const estimatorSchema = z.strictObject({
  metric: z.enum(METRIC_NAMES),
  rows: z.int().min(1),
  baseline: z.number(),
  standardError: z.number().min(0),
  offset: z.number(),
  expected: z.strictObject({ mean: z.number(), variance: z.number().min(0) }),
  method: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('CBPE'), curves: z.array(curveSchema.nullable()) }),
    z.strictObject({ kind: z.literal('DLE'), nannies: z.array(z.base64()) }),
  ]),
});

const storedSchema = z.strictObject({
  version: z.literal(1),
  /** null: the champion's metric cannot be estimated */
  estimator: estimatorSchema.nullable(),
});

type Stored = z.output<typeof storedSchema>;

function encoded(estimator: PerformanceEstimator | null): unknown {
  if (estimator === null || estimator.method.kind === 'CBPE') return { version: 1, estimator };
  const nannies = estimator.method.nannies.map((nanny) =>
    Buffer.from(nanny.toBytes()).toString('base64'),
  );
  return { version: 1, estimator: { ...estimator, method: { kind: 'DLE', nannies } } };
}

function decoded({ estimator }: Stored): PerformanceEstimator | null {
  if (estimator === null) return null;
  const { method, ...known } = estimator;
  if (method.kind === 'CBPE') return { ...known, method };
  const nannies = method.nannies.map((nanny) => loadModel(Buffer.from(nanny, 'base64')));
  return { ...known, method: { kind: 'DLE', nannies } };
}
