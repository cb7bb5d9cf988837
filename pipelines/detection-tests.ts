import { z } from 'zod';
import { DISTANCE_MEASURES } from '../core/drift/chosen-effects.ts';
import { CATEGORICAL_TESTS, NUMERIC_TESTS } from '../core/drift/chosen-tests.ts';
import { ROWS } from '../core/stats/design-effect.ts';

/** By which rule a file has drifted, and by which tests. Running pipelines of before have none of these. */
export const ruleSchema = z
  .enum(['promise', 'calmops'])
  .default('promise')
  .describe(
    'by which rule a file has drifted. promise: falseAlarmRate is kept over everything that is tested; calmops: the rule of CalmOps for Python, any column by KS, Mann–Whitney (p < 0.05), PSI (> 0.1) or χ² (p < 0.05): of files of 1000 rows without drift about 3 in 10 alarm with 5 columns, 8 in 10 with 20. Harm is what at least half of the metrics vote for: a threshold missed, or 30 % worse than the previous model',
  );

export const rowsSchema = z
  .enum(ROWS)
  .default('learned')
  .describe(
    'how many independent rows the rows of a file count as. learned: as many as the order of the rows of the reference shows, fewer where neighbouring rows resemble one another; independent: all of them',
  );

export const errorsSchema = z
  .enum(ROWS)
  .default('learned')
  .describe(
    "how many independent rows the champion's errors count as in the test of harm. learned: as many as their order shows, fewer where errors come in runs; independent: all of them, which alarms too often where errors come in runs, and sees real falls there earlier",
  );

export const numericTestSchema = z
  .enum(NUMERIC_TESTS)
  .default('auto')
  .describe(
    'the test of numeric columns; auto: ks. One that does not fit a column, as cramer-von-mises and anderson-darling do not under heavy ties, gives way to ks there, and the report says so',
  );

export const categoricalTestSchema = z
  .enum(CATEGORICAL_TESTS)
  .default('auto')
  .describe(
    'the test of categorical columns; auto: chi-square, exact where counts are small. fisher fits two categories; where a test does not fit it gives way to chi-square, and the report says so',
  );

export const togetherSchema = z
  .number()
  .min(0)
  .max(0.5)
  .default(0.05)
  .describe(
    'the columns together: how far the AUC of the domain classifier is above ½, or how far apart the errors of the PCA reconstruction are (D, less what chance gives)',
  );

export const measureSchema = z
  .enum(['auto', ...DISTANCE_MEASURES])
  .default('auto')
  .describe(
    "what the size of a column's change is measured by. auto: wasserstein or cramersV; otherwise a distance over the categories, or ten quantile bins, less what chance gives for so many rows and bins",
  );

export const distanceSchema = z
  .number()
  .min(0)
  .default(0.1)
  .describe('the threshold of that distance, where measure is not auto');
