import { z } from 'zod';
import { durationMs } from '../core/duration.ts';
import { MODE_OF_NUMBER, RETRAIN_MODES, type DataOptions } from '../core/models/retrain/modes.ts';
import { DURATION } from './scalar-schemas.ts';

/** What may be asked for: a mode, `auto` to have one chosen, `hooks` to train by code of one's own. */
const ASKED_MODES = [...RETRAIN_MODES, 'auto', 'hooks'] as const;
export type AskedMode = (typeof ASKED_MODES)[number];

const MODES_FOR_PEOPLE = `${ASKED_MODES.join(', ')}; or a number of CalmOps for Python: ${MODE_OF_NUMBER.map((mode, number) => `${number} ${mode}`).join(', ')}`;

/** A mode by its name, or by the number that it had in CalmOps for Python. */
const askedMode = z
  .union(
    [
      z.enum(ASKED_MODES),
      z
        .literal(MODE_OF_NUMBER.map((_, number) => number))
        .transform((number): AskedMode => MODE_OF_NUMBER[number] ?? 'full'),
    ],
    { error: `one of the retrain modes that there are: ${MODES_FOR_PEOPLE}` },
  )
  .describe(
    'how a challenger is trained. full (0): anew on the file that arrived, or on the last files; incremental (1): the champion goes on learning; window (2): anew on the newest rows, whatever file they are in; stacking (4): champion and a new model, weighed by a third; stacking-refit (3): the same with a refitted clone of the champion; replay (5): anew on the new rows and a sample of all earlier ones; recalibration (6): the champion with its probabilities corrected; auto: what would have done best on the last files; hooks: by the retrain hook of hooks.ts',
  );

const fallbackMode = z
  .union([z.literal('none'), askedMode], {
    error: `none, or one of the retrain modes that there are: ${MODES_FOR_PEOPLE}`,
  })
  .describe('the mode tried once more when the gate refuses the challenger; none: no second try');

const WINDOW_FOR_PEOPLE =
  "a whole number of rows, or a duration (a whole number with ms, s, m, h or d) such as '30d'";

const windowSchema = z
  .union([z.int().min(1), z.string().regex(DURATION, WINDOW_FOR_PEOPLE)], {
    error: WINDOW_FOR_PEOPLE,
  })
  .describe(
    'window: the newest so many rows, over files; or, with a timeColumn, those of the newest so much time',
  );

const COOL_DOWN_FOR_PEOPLE =
  "a whole number of files, or a duration (a whole number with ms, s, m, h or d) such as '12h'";

const autoSchema = z
  .strictObject({
    modes: z
      .array(z.enum(RETRAIN_MODES))
      .min(1)
      .default([...RETRAIN_MODES])
      .describe('the modes to choose from'),
    files: z
      .int()
      .min(1)
      .max(50)
      .default(4)
      .describe('how many of the last labelled files the modes are tried out on'),
  })
  .describe('auto: how a mode is chosen');

/** When and how a pipeline retrains. */
export const retrainSchema = z
  .strictObject({
    mode: askedMode.prefault('full'),
    fallback: fallbackMode.prefault('none'),
    on: z
      .enum(['harm', 'drift', 'performance', 'any', 'never'])
      .default('harm')
      .describe(
        'what makes a retraining due. harm: the champion is measurably worse than when it was chosen, or a threshold does not hold; performance: a threshold does not hold; drift: a material change of the data; any: harm or drift; never: only when a person asks',
      ),
    minRows: z.int().min(2).default(50).describe('with fewer rows to train on nothing is trained'),
    files: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe('full: how many of the last labelled files are trained on, the new one included'),
    window: windowSchema.default(10_000),
    replayShare: z
      .number()
      .gt(0)
      .max(100)
      .default(0.4)
      .describe('replay: how many rows are drawn from the reservoir for each new one'),
    reservoir: z
      .int()
      .min(10)
      .max(1_000_000)
      .default(10_000)
      .describe(
        'replay, stacking-refit: most rows that are kept of all that the models before were trained on',
      ),
    auto: autoSchema.prefault({}),
    coolDown: z
      .union([z.int().min(1).max(1000), z.string().regex(DURATION, COOL_DOWN_FOR_PEOPLE)], {
        error: COOL_DOWN_FOR_PEOPLE,
      })
      .optional()
      .describe(
        'how long retraining rests after the champion was replaced: so many files, or a duration; absent: not at all',
      ),
  })
  .describe('when and how a challenger is trained');

export type RetrainConfig = z.output<typeof retrainSchema>;

/** The data that modes ask for, as core has it. */
export function dataOptionsOf({ files, window, replayShare }: RetrainConfig): DataOptions {
  return {
    lastFiles: files,
    window:
      typeof window === 'number'
        ? { kind: 'rows', rows: window }
        : { kind: 'time', ms: durationMs(window) },
    replayShare,
  };
}

/** The modes in which a model of hooks can be trained: a new one each time. */
const MODES_OF_HOOKS: readonly string[] = ['full', 'window', 'replay', 'hooks', 'none'];

/** What of a retrain section is wrong together, or beside the rest of the pipeline: where, and what would be right. */
export function retrainContradictions({
  retrain,
  estimator,
  timeColumn,
}: {
  readonly retrain: RetrainConfig;
  readonly estimator: { readonly kind: string };
  readonly timeColumn?: string | undefined;
}): readonly (readonly [path: readonly string[], message: string])[] {
  const found: (readonly [readonly string[], string])[] = [];
  const { mode, fallback, window } = retrain;
  if (mode === fallback && mode !== 'hooks') {
    found.push([
      ['retrain', 'fallback'],
      'a mode other than retrain.mode: the same training again gives the same model',
    ]);
  }
  if (typeof window === 'string' && DURATION.test(window) && timeColumn === undefined) {
    found.push([
      ['retrain', 'window'],
      'a number of rows; a duration needs the column that holds the times (timeColumn)',
    ]);
  }
  if (estimator.kind === 'hooks') {
    for (const field of ['mode', 'fallback'] as const) {
      if (MODES_OF_HOOKS.includes(retrain[field])) continue;
      found.push([
        ['retrain', field],
        `one of the modes for models of hooks: ${MODES_OF_HOOKS.join(', ')}; a retrain hook is given the champion's state and can do the rest`,
      ]);
    }
  }
  return found;
}
