import { z } from 'zod';

const classWeight = z
  .union([z.literal('balanced'), z.record(z.string(), z.number().gt(0))], {
    error: "'balanced', or a weight above 0 of each class that is named",
  })
  .optional()
  .describe(
    'how much the rows of each class count: balanced gives every class the same weight; a class that is not named has 1; absent: all rows count the same',
  );

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
    classWeight,
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
    classWeight,
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
    classWeight,
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
    classWeight,
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

/** What learns, and how: one schema an estimator. */
export const estimatorSchema = z
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
