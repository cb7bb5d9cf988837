import { z } from 'zod';
import { METRIC_NAMES } from '../core/models/metrics/evaluation.ts';
import type { Evaluation, MetricEstimate } from '../core/models/metrics/evaluation.ts';
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

export const evaluationSchema: z.ZodType<Evaluation> = z.strictObject({
  rows: z.int().min(0),
  primary: metricEstimateSchema,
  metrics: z.partialRecord(metricName, z.number()),
  intervals: z
    .partialRecord(metricName, z.strictObject({ low: z.number(), high: z.number() }))
    .exactOptional(),
  loss: z.strictObject({
    mean: z.number(),
    variance: z.number().min(0),
    dependence: z
      .array(
        z.strictObject({
          rows: z.int().min(1),
          freedom: z.number(),
          others: z.number(),
          neighbours: z.number(),
        }),
      )
      .exactOptional(),
  }),
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
  /** columns that it did not learn from, though nobody excluded them, and why */
  leftOut: z.array(z.strictObject({ name: z.string(), why: z.string() })).optional(),
  trainedOn: z.strictObject({
    /** of the dataset file as it arrived */
    sha256: sha256Schema,
    fileName: z.string(),
    /** the data in the store's form */
    dataset: artefactRefSchema,
    /** rows that the model learned from; none where it learned elsewhere: see `imported` */
    rows: z.int().min(0),
    /** rows kept from training, to score it on */
    holdoutRows: z.int().min(0),
  }),
  /**
   * the file that a model of another program came in. Then `trainedOn` is what it was scored on and what later files
   * are compared with, and `knows` names what it was trained on, as far as that is known
   */
  imported: z.strictObject({ fileName: z.string(), sha256: sha256Schema }).optional(),
  /** the champion of the time; null for a pipeline's first model */
  parent: z.string().nullable(),
  /** how it was trained; not always what the pipeline asked for, see `notes` */
  mode: z.string().min(1),
  /** what the pipeline asked for, where that is something else */
  askedMode: z.string().min(1).optional(),
  /** sentences for people: why this mode, what was trained on, what it is made of */
  notes: z.array(z.string()).optional(),
  /** how the modes did on the last files, where one was chosen */
  modesTried: z
    .strictObject({
      metric: metricName,
      /** the cheapest first */
      scores: z.array(
        z.strictObject({
          mode: z.string(),
          value: z.number(),
          /** how much worse than the best, in the metric's unit */
          behind: z.number(),
          standardError: z.number(),
        }),
      ),
      leftOut: z.array(z.strictObject({ mode: z.string(), reason: z.string() })),
    })
    .optional(),
  /** how its parameters were found, where they were searched for */
  search: z
    .strictObject({
      method: z.string(),
      /** that of the cross-validation */
      metric: metricName,
      /** fits made of those that there were to be */
      made: z.int().min(0),
      planned: z.int().min(0),
      /** did it end for want of time? Then another machine may find others */
      outOfTime: z.boolean(),
      /** what was changed of the pipeline's parameters; empty: nothing */
      choice: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
      /** of the choice; null if nothing could be tried */
      score: z.number().nullable(),
    })
    .optional(),
  /** accuracy or R² of a forest on the rows that it learned from, each predicted by the trees that did not see it */
  oobScore: z.number().optional(),
  /**
   * What each feature contributes, most first: its share of the gain of all splits, and how much worse the metric
   * is on the rows that were held out when the feature says nothing
   */
  importances: z
    .array(
      z.strictObject({
        feature: z.string(),
        gain: z.number().optional(),
        permutation: z.number().optional(),
      }),
    )
    .optional(),
  /** every dataset whose rows it was fitted to, by itself or through a model that it goes on from */
  knows: z
    .array(
      z.strictObject({
        /** of the dataset file as it arrived */
        sha256: sha256Schema,
        /** the file whose rows they are, where that one brought labels for an earlier one */
        rowsOf: sha256Schema.exactOptional(),
        fileName: z.string(),
        rows: z.int().min(0),
        /** training rows: those that were not held out of it then */
        part: z.enum(['training rows', 'all rows']),
        /** names the way in which rows were held out; null when that is not known */
        split: z.string().nullable(),
      }),
    )
    .optional(),
  /** the sample of all that the models before it were trained on, if it was trained on that too */
  reservoir: artefactRefSchema.optional(),
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
