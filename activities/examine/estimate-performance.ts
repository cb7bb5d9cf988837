import { z } from 'zod';
import type { NotEstimated, PerformanceEstimate } from '../../core/drift/label-free/estimate.ts';
import {
  estimatePerformance as estimate,
  fitPerformanceEstimator,
  LOSS_METRICS,
  type Insufficient,
  type PerformanceEstimator,
} from '../../core/drift/label-free/estimated-performance.ts';
import { CLASS_METRICS } from '../../core/drift/label-free/expected-metrics.ts';
import { loadModel } from '../../core/models/artefact/artefact.ts';
import type { Model } from '../../core/models/model.ts';
import { METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import { scored } from '../../core/models/metrics/scored.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { getJson, putComputedJson } from '../../store/json.ts';
import type { Dataset, ModelRef } from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import { FROM_BACKUP, unlessDamaged } from '../damage.ts';
import type { Environment } from '../environment.ts';
import { heldOutRows } from '../models/held-out.ts';
import { loadTable } from '../datasets/ingest.ts';
import { cardOf, splitOf } from '../models/lineage.ts';
import { openModel, predictions } from '../models/models.ts';
import { primaryMetric, scoreOn } from '../models/scoring.ts';

/** Estimates the champion's primary metric on a file without labels, against its own baseline, or says why it cannot. */
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
): Promise<PerformanceEstimate> {
  const model = await openModel(champion, config, environment.store);
  const estimator = await estimatorOf(champion, model, config, environment);
  if (estimator === 'damaged') {
    return notEstimated('the data that it was trained on are damaged in the store');
  }
  if (estimator === null) {
    return notEstimated('it is not known any more which rows were held out of its training');
  }
  if (estimator.kind === 'insufficient') {
    const { n, required } = estimator;
    return notEstimated(
      `${n} of the rows held out of its training can be learned from, ${required} are needed`,
    );
  }
  const table = await loadTable(dataset.ref, environment);
  const said = predictions(model, table);
  return (
    estimate(estimator, table, said, config.gate.confidence) ??
    notEstimated(`its ${METRIC_WORDS[estimator.method.metric]} is undefined on rows like these`)
  );
}

function notEstimated(reason: string): NotEstimated {
  return { kind: 'not estimated', reason };
}

/** null: what was held out of the champion's training cannot be told any more. */
type Learned = PerformanceEstimator | Insufficient | null;

/** Learned with the first file without labels that a champion meets, and stored beside it. */
async function estimatorOf(
  champion: ModelRef,
  model: Model,
  config: PipelineConfig,
  environment: Environment,
): Promise<Learned | 'damaged'> {
  const { store } = environment;
  const metric = primaryMetric(config, champion);
  const asked = [VERSION, metric, config.seed, splitOf(config, champion.task)];
  const uri = `models/${champion.id}/estimator.${digestOf(asked)}.json`;
  if (await store.exists(uri)) {
    const done = 'It is learned anew from the rows held out of the training of the champion';
    const stored = await unlessDamaged(environment, { uri, done }, () =>
      getJson(store, uri, storedSchema),
    );
    if (stored !== null) return decoded(stored);
  }
  const fitted = await fit(champion, model, config, environment);
  // What is wanting for damage is there again when that is mended.
  if (fitted === 'damaged') return fitted;
  await putComputedJson(store, uri, { version: VERSION, estimator: encoded(fitted) });
  return fitted;
}

async function fit(
  champion: ModelRef,
  model: Model,
  config: PipelineConfig,
  environment: Environment,
): Promise<Learned | 'damaged'> {
  const card = await cardOf(champion, environment.store);
  const { dataset, fileName } = card.trainedOn;
  const done = `The champion was not estimated, for want of the data of ${fileName}. ${FROM_BACKUP}, or run ${fileName} again`;
  const held = await unlessDamaged(environment, { uri: dataset.uri, done }, async () => ({
    table: await heldOutRows(card, config, environment),
  }));
  if (held === null) return 'damaged';
  const { table } = held;
  if (table === null) return null;
  const { predictions: predicted, outcomes } = scoreOn(model, table);
  return fitPerformanceEstimator(
    { table, scores: scored(predicted, outcomes) },
    {
      metric: primaryMetric(config, champion),
      features: model.schema.features,
      seed: config.seed,
    },
  );
}

/** Part of the name: an estimator of another version is not read but learned again. */
const VERSION = 2;

const curveSchema = z.strictObject({
  kind: z.literal('isotonic'),
  thresholds: z.array(z.number()),
  values: z.array(z.number()),
});

const cbpeSchema = z.strictObject({
  kind: z.literal('CBPE'),
  metric: z.enum(CLASS_METRICS),
  curves: z.array(curveSchema.nullable()),
});

const dleSchema = z.strictObject({
  kind: z.literal('DLE'),
  metric: z.enum(LOSS_METRICS),
  /** bytes of the models */
  nannies: z.array(z.base64()).min(1),
});

const stratumSchema = z.strictObject({
  from: z.number(),
  rows: z.int().min(1),
  variance: z.number().min(0),
});

const fittedSchema = z.strictObject({
  kind: z.literal('fitted'),
  method: z.discriminatedUnion('kind', [cbpeSchema, dleSchema]),
  baseline: z.number(),
  standardError: z.number().min(0),
  offset: z.number(),
  expected: z.strictObject({
    count: z.int().min(1),
    mean: z.number(),
    variance: z.number().min(0),
  }),
  strata: z.array(stratumSchema).min(1),
});

const insufficientSchema = z.strictObject({
  kind: z.literal('insufficient'),
  n: z.int().min(0),
  required: z.int().min(1),
});

const storedSchema = z.strictObject({
  version: z.literal(VERSION),
  estimator: z.discriminatedUnion('kind', [fittedSchema, insufficientSchema]).nullable(),
});

type Stored = z.output<typeof storedSchema>;

function encoded(learned: Learned): unknown {
  if (learned?.kind !== 'fitted' || learned.method.kind === 'CBPE') return learned;
  const { method } = learned;
  const nannies = method.nannies.map((nanny) => Buffer.from(nanny.toBytes()).toString('base64'));
  return { ...learned, method: { ...method, nannies } };
}

function decoded({ estimator }: Stored): Learned {
  if (estimator?.kind !== 'fitted') return estimator;
  const { method, ...known } = estimator;
  if (method.kind === 'CBPE') return { ...known, method };
  const nannies = method.nannies.map((nanny) => loadModel(Buffer.from(nanny, 'base64')));
  return { ...known, method: { ...method, nannies } };
}
