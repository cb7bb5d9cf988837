import { z } from 'zod';
import { durationMs } from '../core/duration.ts';
import { canLearn, estimatorsOf } from '../core/models/estimator-tasks.ts';
import { METRIC_DIRECTION, METRIC_NAMES, METRICS_OF_TASK } from '../core/models/evaluation.ts';
import { gateContradictions, gateSchema } from './gate-schema.ts';
import { retrainContradictions, retrainSchema } from './retrain-schema.ts';
import { duration, share } from './scalar-schemas.ts';

/** The name of a pipeline: also part of workflow ids and of paths, hence the narrow alphabet. */
export const pipelineName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'lower-case letters, digits and hyphens, at most 63, not beginning with a hyphen',
  )
  .describe('the name of the pipeline; that of its folder when absent');

const FORMATS = ['auto', 'csv', 'tsv', 'txt', 'json', 'jsonl', 'parquet', 'xlsx', 'arff'] as const;

const metricsThat = (way: 'higher' | 'lower'): string =>
  METRIC_NAMES.filter((name) => METRIC_DIRECTION[name] === way).join(', ');

const csvSchema = z.strictObject({
  delimiter: z
    .string()
    .length(1)
    .optional()
    .describe('the character between two values; found from the file when absent'),
  quote: z.string().length(1).default('"').describe('the character around quoted values'),
  encoding: z
    .enum(['utf-8', 'utf-16', 'latin-1'])
    .default('utf-8')
    .describe('how characters are stored'),
  missing: z
    .array(z.string())
    .default(['', 'NA', 'NaN', 'null', '?'])
    .describe('texts that stand for a missing value'),
});

const filesSchema = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .describe('the folder to watch; relative to the folder that CalmOps runs in'),
    glob: z.string().min(1).default('*').describe('which file names count, such as sales-*.csv'),
    format: z.enum(FORMATS).default('auto').describe('auto: by the extension of the file name'),
    csv: csvSchema.prefault({}).describe('how csv, tsv and txt files are written'),
  })
  .describe('which files belong to the pipeline, and how they are read');

const forestSchema = z
  .strictObject({
    kind: z.literal('forest'),
    trees: z.int().min(1).max(2000).default(100).describe('number of trees'),
    maxDepth: z.int().min(1).max(64).default(64).describe('most splits from root to leaf'),
    minLeaf: z.int().min(1).default(1).describe('fewest rows in a leaf'),
    features: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe(
        'share of the features tried at each split; when absent √p of p for classification, p/3 for regression',
      ),
  })
  .describe('a random forest on histograms: the estimator for most data');

const boostingSchema = z
  .strictObject({
    kind: z.literal('boosting'),
    iterations: z
      .int()
      .min(1)
      .max(5000)
      .default(100)
      .describe('most iterations; each grows a tree, or one a class where there are more than two'),
    learningRate: z
      .number()
      .gt(0)
      .max(1)
      .default(0.1)
      .describe("share of each tree's advice that is taken"),
    maxLeaves: z.int().min(2).max(1024).default(31).describe('most leaves of a tree'),
    minLeaf: z.int().min(1).default(20).describe('fewest rows in a leaf'),
    l2: z.number().min(0).default(0).describe('weight of the squared leaf values'),
    validation: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe(
        'share of the training rows that tell when to stop; 0: none. When absent 0.1 from 10,000 rows on, and none below',
      ),
    patience: z
      .int()
      .min(1)
      .default(10)
      .describe('iterations without a gain on those rows after which training stops'),
  })
  .describe('gradient boosted trees on histograms: often the best and fastest on many rows');

const logisticSchema = z
  .strictObject({
    kind: z.literal('logistic'),
    l2: z
      .number()
      .min(0)
      .default(1)
      .describe('weight of half the squared coefficients of standardised columns'),
    maxIterations: z.int().min(1).max(10_000).default(100).describe('most Newton steps'),
  })
  .describe('logistic regression, multinomial for more than two classes; classification only');

const linearSchema = z
  .strictObject({
    kind: z.literal('linear'),
    l2: z
      .number()
      .min(0)
      .default(1)
      .describe('weight of the squared coefficients of standardised columns; 0: least squares'),
  })
  .describe('linear (ridge) regression; regression only');

const naiveBayesSchema = z
  .strictObject({
    kind: z.literal('naive-bayes'),
    smoothing: z
      .number()
      .gt(0)
      .max(1)
      .default(1e-9)
      .describe('share of the largest variance of a column that is added to every variance'),
  })
  .describe('gaussian naive Bayes, categories by their frequencies; classification only');

const baselineSchema = z
  .strictObject({ kind: z.literal('baseline') })
  .describe('the majority class or the mean outcome: what every other model has to beat');

const mlRandomForestSchema = z
  .strictObject({
    kind: z.literal('ml-random-forest'),
    trees: z.int().min(1).max(200).default(25).describe('number of trees'),
  })
  .describe('the forest of the package ml-random-forest; for at most a few hundred rows');

const hooksEstimatorSchema = z
  .strictObject({ kind: z.literal('hooks') })
  .describe('a model of your own: the train and predict hooks of hooks.ts');

const estimatorSchema = z
  .discriminatedUnion('kind', [
    forestSchema,
    boostingSchema,
    logisticSchema,
    linearSchema,
    naiveBayesSchema,
    baselineSchema,
    mlRandomForestSchema,
    hooksEstimatorSchema,
  ])
  .describe('what learns');

const thresholdsSchema = z
  .partialRecord(z.enum(METRIC_NAMES), z.number())
  .default({})
  .describe(
    `limits that the champion must hold on every file: at least (${metricsThat('higher')}) or at most (${metricsThat('lower')}) the number`,
  );

const effectSchema = z
  .strictObject({
    wasserstein: z
      .number()
      .min(0)
      .default(0.1)
      .describe('numeric columns: Wasserstein distance in standard deviations of the reference'),
    cramersV: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe("categorical columns: bias-corrected Cramér's V"),
    missing: z
      .number()
      .min(0)
      .max(1)
      .default(0.05)
      .describe('every column: difference of the shares of missing values'),
  })
  .describe('how large a change must be to be material, however significant it is');

const detectionSchema = z
  .strictObject({
    falseAlarmRate: share
      .default(0.05)
      .describe(
        'the largest chance that a file without drift raises an alarm, over all columns and tests together',
      ),
    horizon: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        'files in a row over which falseAlarmRate holds together; absent: for each file by itself',
      ),
    minRows: z
      .int()
      .min(5)
      .default(30)
      .describe('columns with fewer values are not tested, and the report says so'),
    effect: effectSchema.prefault({}),
  })
  .describe('when a change of the data counts as drift');

const breakerSchema = z
  .strictObject({
    maxFailures: z
      .int()
      .min(1)
      .default(3)
      .describe('retrainings that fail or are refused in a row before retraining is withheld'),
    coolDown: duration
      .default('2h')
      .describe('how long it is withheld at first; doubled after each probe that fails'),
    maxCoolDown: duration.default('24h').describe('how long it is withheld at most'),
  })
  .describe('when retraining is withheld after repeated failure');

/** A pipeline as its pipeline.yaml says it; parsing fills in every default. */
export const pipelineSchema = z
  .strictObject({
    name: pipelineName,
    description: z.string().max(200).default('').describe('one sentence for people'),
    files: filesSchema,
    target: z.string().min(1).describe('the column to predict'),
    task: z
      .enum(['classification', 'regression'])
      .optional()
      .describe('what kind of target it is; found from the first labelled file when absent'),
    timeColumn: z
      .string()
      .min(1)
      .optional()
      .describe('the column that orders rows in time; the newest are held out; never a feature'),
    ignore: z
      .array(z.string().min(1))
      .default([])
      .describe('columns that are neither features nor tested for drift'),
    predictionOnly: z
      .boolean()
      .default(false)
      .describe(
        'true: files are scored with the champion, nothing is trained unless a person asks',
      ),
    estimator: estimatorSchema.prefault({ kind: 'forest' }),
    metric: z
      .enum(METRIC_NAMES)
      .optional()
      .describe(
        'what models are compared by; when absent accuracy for classification, rmse for regression',
      ),
    retrain: retrainSchema.prefault({}),
    thresholds: thresholdsSchema,
    detection: detectionSchema.prefault({}),
    gate: gateSchema.prefault({}),
    breaker: breakerSchema.prefault({}),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .default(1)
      .describe('what randomness is drawn from: the same data and seed give the same model'),
  })
  .superRefine((pipeline, context) => {
    for (const [path, message] of contradictionsIn(pipeline)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
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

type Contradiction = readonly [path: readonly string[], message: string];

/** Values that are right by themselves and wrong together: where, and what would be right. */
function contradictionsIn(pipeline: Omit<PipelineConfig, 'hooks'>): readonly Contradiction[] {
  const { task, estimator, metric, target, timeColumn, ignore } = pipeline;
  const { thresholds, breaker } = pipeline;
  const found: Contradiction[] = [];
  if (task !== undefined) {
    const fitting = METRICS_OF_TASK[task];
    const choice = `a metric of ${task}: ${fitting.join(', ')}`;
    if (metric !== undefined && !fitting.includes(metric)) found.push([['metric'], choice]);
    for (const name of METRIC_NAMES) {
      if (name in thresholds && !fitting.includes(name)) found.push([['thresholds', name], choice]);
    }
  }
  if (task !== undefined && estimator.kind !== 'hooks' && !canLearn(estimator.kind, task)) {
    const choice = `an estimator of ${task}: ${estimatorsOf(task)}, hooks`;
    found.push([['estimator', 'kind'], choice]);
  }
  if (timeColumn === target) {
    found.push([['timeColumn'], 'a column other than the target']);
  }
  const ignored = ignore.indexOf(target);
  if (ignored >= 0) found.push([['ignore', String(ignored)], 'columns other than the target']);
  found.push(...retrainContradictions(pipeline), ...gateContradictions(pipeline));
  if (durationMs(breaker.coolDown) > durationMs(breaker.maxCoolDown)) {
    found.push([['breaker', 'maxCoolDown'], `at least coolDown, which is ${breaker.coolDown}`]);
  }
  return found;
}
