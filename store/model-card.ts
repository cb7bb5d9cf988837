import { z } from 'zod';
import { METRIC_NAMES } from '../core/models/evaluation.ts';
import type { Evaluation, MetricEstimate } from '../core/models/evaluation.ts';
import type { ArtefactRef } from './artefact-store.ts';
import { parseJson } from './json.ts';

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');

const artefactRefSchema: z.ZodType<ArtefactRef> = z.strictObject({
  uri: z.string().min(1),
  sha256: sha256Schema,
  bytes: z.int().min(0),
});

const metricName = z.enum(METRIC_NAMES);

const metricEstimateSchema: z.ZodType<MetricEstimate> = z.strictObject({
  name: metricName,
  value: z.number(),
  low: z.number(),
  high: z.number(),
});

const evaluationSchema: z.ZodType<Evaluation> = z.strictObject({
  rows: z.int().min(0),
  primary: metricEstimateSchema,
  metrics: z.partialRecord(metricName, z.number()),
  loss: z.strictObject({ mean: z.number(), variance: z.number().min(0) }),
  confusion: z
    .strictObject({
      classes: z.array(z.string()),
      counts: z.array(z.array(z.int().min(0))),
      unknown: z.array(z.int().min(0)).exactOptional(),
    })
    .exactOptional(),
  residuals: z.strictObject({ p05: z.number(), p50: z.number(), p95: z.number() }).exactOptional(),
});

const modelCardSchema = z.strictObject({
  version: z.literal(1),
  id: z.string().min(1),
  pipeline: z.string().min(1),
  /** as pipeline.yaml had it, defaults filled in */
  estimator: z.looseObject({ kind: z.string() }),
  task: z.enum(['classification', 'regression']),
  target: z.string(),
  features: z.array(z.strictObject({ name: z.string(), kind: z.enum(['numeric', 'categorical']) })),
  /** ascending; empty for regression */
  classes: z.array(z.string()),
  trainedOn: z.strictObject({
    /** of the dataset file as it arrived */
    sha256: sha256Schema,
    fileName: z.string(),
    /** the data in the store's form */
    dataset: artefactRefSchema,
    /** rows that the model learned from */
    rows: z.int().min(1),
    /** rows kept from training, to score it on */
    holdoutRows: z.int().min(0),
  }),
  /** the champion of the time; null for a pipeline's first model */
  parent: z.string().nullable(),
  mode: z.string().min(1),
  seed: z.int(),
  codeVersion: z.string(),
  createdAt: z.iso.datetime(),
  /** how long the training took; never part of what identifies a model */
  trainingSeconds: z.number().min(0).optional(),
  /** the primary metric on the rows that were held out */
  score: metricEstimateSchema,
  baseline: evaluationSchema,
  artefact: artefactRefSchema,
});

/** What a model is and where it comes from: kept beside it, readable by people. */
export type ModelCard = z.output<typeof modelCardSchema>;

/** @throws ArtefactDamagedError naming every field that is not what it should be */
export function parseModelCard(bytes: Uint8Array): ModelCard {
  return parseJson(bytes, { schema: modelCardSchema, what: 'model card' });
}
