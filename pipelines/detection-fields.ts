import { z } from 'zod';

/** Detectors by the names that `core/drift/streams` has for them. */
const STREAM_DETECTORS = [
  'adwin',
  'ddm',
  'eddm',
  'rddm',
  'hddmA',
  'hddmW',
  'ecdd',
  'ewmaChart',
  'shewhart',
  'stepd',
  'wstd',
  'fhddm',
  'cusum',
  'pageHinkley',
  'gma',
  'kswin',
  'bocd',
] as const;

export const streamSchema = z
  .enum([...STREAM_DETECTORS, 'none'])
  .optional()
  .describe(
    "what watches the champion's errors from row to row; it is shown and decides nothing; none: nothing does; absent: adwin",
  );

const mostFiles = (absent: number): z.ZodOptional<z.ZodInt> =>
  z.int().min(1).max(100).optional().describe(`so many files; absent: ${absent}`);

/** Files of a rolling and of a seasonal reference when the pipeline does not say. */
export const ROLLING_FILES = 5;
export const SEASONAL_FILES = 4;

export const referenceSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('champion') }).describe("the champion's own file"),
    z
      .strictObject({ kind: z.literal('rolling'), files: mostFiles(ROLLING_FILES) })
      .describe('the last files before the one that is looked at'),
    z
      .strictObject({
        kind: z.literal('seasonal'),
        period: z
          .enum(['hour', 'weekday', 'month'])
          .describe('which files are alike: of the same hour, weekday or month of arrival, in UTC'),
        files: mostFiles(SEASONAL_FILES),
      })
      .describe('the last files of the same season'),
    z
      .strictObject({
        kind: z.literal('file'),
        file: z.string().min(1).describe('name of a file of the pipeline, or its sha256'),
      })
      .describe('one file of the pipeline'),
  ])
  .optional()
  .describe(
    "what files are compared with; absent, or where there is none yet: the data of the champion's training",
  );
