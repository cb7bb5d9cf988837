import { z } from 'zod';
import { durationMs } from '../core/duration.ts';
import { canLearn, estimatorsOf } from '../core/models/estimator-tasks.ts';
import {
  METRIC_DIRECTION,
  METRIC_NAMES,
  METRICS_OF_TASK,
} from '../core/models/metrics/evaluation.ts';
import { referenceSchema, streamSchema } from './detection-fields.ts';
import {
  categoricalTestSchema,
  distanceSchema,
  measureSchema,
  numericTestSchema,
  rowsSchema,
  errorsSchema,
  ruleSchema,
  togetherSchema,
} from './detection-tests.ts';
import { estimatorSchema } from './estimator-schema.ts';
import { gateContradictions, gateSchema } from './gate-schema.ts';
import { retrainContradictions, retrainSchema } from './retrain-schema.ts';
import { duration, share } from './scalar-schemas.ts';
import { searchContradictions, searchSchema } from './search-schema.ts';

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
    .optional()
    .describe(
      'texts that stand for a missing value, in every column and these only; absent: the usual spellings',
    ),
  decimal: z
    .enum(['.', ','])
    .optional()
    .describe(
      "the sign before decimals in texts, of json, xlsx, parquet and arff files too; found from the file's numbers when absent",
    ),
  thousands: z
    .enum(['.', ',', ' ', "'"])
    .optional()
    .describe("the sign between groups of three digits; found from the file's numbers when absent"),
});

const columnsSchema = z
  .record(
    z.string().min(1),
    z.strictObject({
      kind: z
        .enum(['numeric', 'text', 'time'])
        .describe(
          'numeric: what is no number is missing; text: exactly as it is written, for codes and ids; time: dates and timestamps',
        ),
    }),
  )
  .optional()
  .describe('kinds of columns by name, where the rule that finds them from the values is wrong');

/** Nothing is fetched: a url would become the name of a folder. */
const NO_URL = /^(?![A-Za-z][A-Za-z0-9+.-]+:\/\/)/;

/** A fourth star could hold the watcher up for a second at a file name that was made for it. */
const FEW_STARS = /^[^*]*(\*+[^*]*){0,3}$/;

const filesSchema = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .max(4000)
      .regex(NO_URL, 'a folder of this machine, not a url: have its files brought to a folder')
      .describe('the folder to watch; relative to the folder that CalmOps runs in'),
    glob: z
      .string()
      .min(1)
      .max(255)
      .regex(FEW_STARS, 'a pattern with at most 3 stars')
      .default('*')
      .describe('which file names count, such as sales-*.csv; at most 3 stars'),
    followSymlinks: z
      .boolean()
      .default(false)
      .describe('whether the files that symbolic links lead to are taken; links are refused else'),
    format: z.enum(FORMATS).default('auto').describe('auto: by the extension of the file name'),
    csv: csvSchema.prefault({}).describe('how csv, tsv and txt files are written'),
  })
  .describe('which files belong to the pipeline, and how they are read');

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
    together: togetherSchema,
    measure: measureSchema,
    distance: distanceSchema,
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
    over: z
      .enum(['file', 'horizon', 'spending', 'lord', 'saffron'])
      .optional()
      .describe(
        'what falseAlarmRate holds over. file: each file by itself; horizon: so many files in a row; spending: all files that will ever come; lord, saffron: the share of false ones among the alarms; absent: horizon where there is one, else file',
      ),
    minRows: z
      .int()
      .min(5)
      .default(30)
      .describe('columns with fewer values are not tested, and the report says so'),
    rule: ruleSchema,
    rows: rowsSchema,
    errors: errorsSchema,
    numeric: numericTestSchema,
    categorical: categoricalTestSchema,
    effect: effectSchema.prefault({}),
    stream: streamSchema,
    reference: referenceSchema,
  })
  .describe('when a change of the data counts as drift');

const labelsSchema = z
  .strictObject({
    suffix: z
      .string()
      .min(1)
      .max(60)
      .describe(
        'what the names of files of labels end in, before the dot: with -labels, sales-1-labels.csv has the labels of sales-1.csv',
      ),
    key: z
      .string()
      .min(1)
      .describe('the column by which labels and rows belong together; name it in ignore as well'),
  })
  .describe('files that bring the labels of earlier files');

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
    target: z.string().min(1).max(1000).describe('the column to predict'),
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
    columns: columnsSchema,
    weightColumn: z
      .string()
      .min(1)
      .optional()
      .describe(
        'the column that says how much a row counts in training: 2 is as much as two equal rows; never a feature',
      ),
    labels: labelsSchema.optional(),
    predictionOnly: z
      .boolean()
      .default(false)
      .describe(
        'true: files are scored with the champion, nothing is trained unless a person asks',
      ),
    estimator: estimatorSchema.prefault({ kind: 'forest' }),
    search: searchSchema.optional(),
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
  const { task, estimator, metric, target, timeColumn, weightColumn, ignore } = pipeline;
  const { thresholds, breaker, detection, files } = pipeline;
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
  if (detection.over === 'horizon' && detection.horizon === undefined) {
    found.push([['detection', 'horizon'], 'the number of files, since over is horizon']);
  }
  const { decimal, thousands } = files.csv;
  if (decimal !== undefined && decimal === thousands) {
    found.push([['files', 'csv', 'thousands'], 'another sign than files.csv.decimal']);
  }
  if (timeColumn === target) {
    found.push([['timeColumn'], 'a column other than the target']);
  }
  if (weightColumn !== undefined) {
    if (weightColumn === target || weightColumn === timeColumn) {
      found.push([['weightColumn'], 'a column other than the target and the time column']);
    }
    if (estimator.kind === 'ml-random-forest' || estimator.kind === 'hooks') {
      found.push([['weightColumn'], `an estimator that weighs rows: '${estimator.kind}' does not`]);
    }
  }
  if (pipeline.labels?.key === target) {
    found.push([['labels', 'key'], 'a column other than the target, which both files have']);
  }
  const ignored = ignore.indexOf(target);
  if (ignored >= 0) found.push([['ignore', String(ignored)], 'columns other than the target']);
  found.push(...retrainContradictions(pipeline), ...gateContradictions(pipeline));
  found.push(...searchContradictions(pipeline));
  if (durationMs(breaker.coolDown) > durationMs(breaker.maxCoolDown)) {
    found.push([['breaker', 'maxCoolDown'], `at least coolDown, which is ${breaker.coolDown}`]);
  }
  return found;
}
