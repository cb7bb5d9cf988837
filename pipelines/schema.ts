import { z } from 'zod';

/** The name of a pipeline: also part of workflow ids and of paths, hence the narrow alphabet. */
export const pipelineName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');

const duration = z.string().regex(/^\d+(ms|s|m|h|d)$/, "a number with unit, such as '2h' or '30m'");
const share = z.number().gt(0).lt(1);

export const FORMATS = [
  'auto',
  'csv',
  'tsv',
  'txt',
  'json',
  'jsonl',
  'parquet',
  'xlsx',
  'arff',
] as const;

const filesSchema = z.strictObject({
  folder: z.string().min(1).describe('folder to watch, relative to the folder CalmOps runs in'),
  glob: z.string().min(1).default('*').describe('which file names count, e.g. sales-*.csv'),
  format: z.enum(FORMATS).default('auto').describe('auto goes by the extension'),
  csv: z
    .strictObject({
      delimiter: z.string().length(1).optional().describe('found by itself when absent'),
      quote: z.string().length(1).default('"'),
      encoding: z.enum(['utf-8', 'utf-16', 'latin-1']).default('utf-8'),
      missing: z.array(z.string()).default(['', 'NA', 'NaN', 'null', '?']),
    })
    .prefault({}),
});

const forestSchema = z.strictObject({
  kind: z.literal('forest'),
  trees: z.int().min(1).max(2000).default(100),
  maxDepth: z.int().min(1).max(64).default(64),
  minLeaf: z.int().min(1).default(1),
  /** share of features tried at each split; absent: √p for classification, p/3 for regression */
  features: z.number().gt(0).max(1).optional(),
});

const mlRandomForestSchema = z.strictObject({
  kind: z.literal('ml-random-forest'),
  trees: z.int().min(1).max(200).default(25),
});

const hooksEstimatorSchema = z.strictObject({ kind: z.literal('hooks') });

export const pipelineSchema = z.strictObject({
  name: pipelineName,
  description: z.string().max(200).default(''),
  files: filesSchema,
  target: z.string().min(1).describe('the column to predict'),
  task: z.enum(['classification', 'regression']).optional().describe('inferred when absent'),
  timeColumn: z.string().min(1).optional().describe('orders rows; never a feature'),
  ignore: z
    .array(z.string().min(1))
    .default([])
    .describe('columns that are neither used nor tested'),
  predictionOnly: z
    .boolean()
    .default(false)
    .describe('score files with the champion, train nothing'),
  estimator: z
    .discriminatedUnion('kind', [forestSchema, mlRandomForestSchema, hooksEstimatorSchema])
    .prefault({ kind: 'forest' }),
  metric: z
    .enum(['accuracy', 'balancedAccuracy', 'f1', 'logLoss', 'r2', 'rmse', 'mae'])
    .optional()
    .describe('primary metric; accuracy or rmse when absent'),
  retrain: z
    .strictObject({
      mode: z.enum(['full', 'hooks']).default('full'),
      fallback: z.enum(['none', 'full', 'hooks']).default('none'),
      on: z.enum(['harm', 'drift', 'performance', 'any', 'never']).default('harm'),
      minRows: z.int().min(2).default(50).describe('fewer rows are not trained on'),
    })
    .prefault({}),
  thresholds: z
    .partialRecord(
      z.enum(['accuracy', 'balancedAccuracy', 'f1', 'logLoss', 'r2', 'rmse', 'mae']),
      z.number(),
    )
    .default({})
    .describe('absolute limits: at least (accuracy, f1, r2), at most (logLoss, rmse, mae)'),
  detection: z
    .strictObject({
      falseAlarmRate: share.default(0.05),
      minRows: z.int().min(5).default(30),
      effect: z
        .strictObject({
          wasserstein: z.number().min(0).default(0.1),
          cramersV: z.number().min(0).max(1).default(0.1),
          missing: z.number().min(0).max(1).default(0.05),
        })
        .prefault({}),
    })
    .prefault({}),
  gate: z
    .strictObject({
      holdout: share.default(0.3).describe('share of a file kept from training to compare on'),
      confidence: share.default(0.95),
      margin: z.number().min(0).default(0).describe('0: must be better; above: may be worse by it'),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      maxFailures: z.int().min(1).default(3),
      coolDown: duration.default('2h'),
      maxCoolDown: duration.default('24h'),
    })
    .prefault({}),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
});

/** The user's hooks.ts of a pipeline: where it is, and which version of it. */
export interface HooksRef {
  /** absolute path at which the workers can read it */
  readonly path: string;
  readonly sha256: string;
}

/** A pipeline as the rest of CalmOps sees it: every default filled in, its hooks found. */
export type PipelineConfig = z.output<typeof pipelineSchema> & {
  /** null when the pipeline has no hooks.ts */
  readonly hooks: HooksRef | null;
};
