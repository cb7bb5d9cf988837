import { z } from 'zod';
import { METRIC_NAMES, METRICS_OF_TASK } from '../core/models/metrics/evaluation.ts';
import { DEFAULT_HARM_TOLERANCE } from '../core/models/gate/gate.ts';
import type { MinimumGain, MinimumGains } from '../core/models/gate/minimum-gain.ts';
import { parseRule } from '../core/models/gate/segments.ts';
import { share } from './scalar-schemas.ts';

const PERCENT = /^\d+(\.\d+)?%$/;
const GAIN_FOR_PEOPLE = "a number of 0 or more, or a share of the champion's value such as '5%'";

const minImprovementSchema = z
  .partialRecord(
    z.enum(METRIC_NAMES),
    z.union([z.number().min(0), z.string().regex(PERCENT, GAIN_FOR_PEOPLE)], {
      error: GAIN_FOR_PEOPLE,
    }),
  )
  .describe(
    "gains that a challenger must show besides being better beyond chance: in the metric's unit, or as a share of the champion's value such as '5%'",
  );

const segmentSchema = z
  .strictObject({
    name: z.string().min(1).max(60).describe('what the segment is called in reports'),
    where: z
      .string()
      .superRefine((where, context) => {
        try {
          parseRule(where);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          context.addIssue({ code: 'custom', message: error.message });
        }
      })
      .describe(
        'which rows: comparisons by =, !=, <, <=, > or >= joined by and, such as region = NY and temp > 20',
      ),
  })
  .describe('rows that no challenger may harm');

/** When a challenger replaces the champion. Fields that came later are optional: running pipelines lack them. */
export const gateSchema = z
  .strictObject({
    holdout: share
      .default(0.3)
      .describe('share of the rows that are kept from training to compare models on'),
    confidence: share
      .max(0.9999)
      .default(0.95)
      .describe('confidence of the interval of the gain, at most 0.9999'),
    margin: z
      .number()
      .min(0)
      .default(0)
      .describe(
        '0: a challenger must be better; above 0: it may be worse by less than this, in units of the metric',
      ),
    minImprovement: minImprovementSchema.optional(),
    segments: z
      .array(segmentSchema)
      .max(10)
      .optional()
      .describe('rows that every challenger must be shown not to harm, each with a name'),
    harmTolerance: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe(
        `the largest loss of a class (in F1) or segment (in accuracy, or as a share of its RMSE) that is no harm; when absent ${DEFAULT_HARM_TOLERANCE}`,
      ),
    shadow: z
      .int()
      .min(1)
      .max(10)
      .optional()
      .describe(
        'files on which a challenger that passed on its own file runs beside the champion before it is decided; absent: it takes over at once',
      ),
  })
  .describe('when a challenger replaces the champion');

export type GateConfig = z.output<typeof gateSchema>;

/** The smallest gains as core has them. */
export function minimumGainsOf({ minImprovement = {} }: GateConfig): MinimumGains {
  const gains: Partial<Record<keyof MinimumGains, MinimumGain>> = {};
  for (const name of METRIC_NAMES) {
    const asked = minImprovement[name];
    if (asked === undefined) continue;
    gains[name] =
      typeof asked === 'number'
        ? { kind: 'absolute', value: asked }
        : { kind: 'relative', value: Number(asked.slice(0, -1)) / 100 };
  }
  return gains;
}

/** What of a gate section is wrong together, or beside the rest of the pipeline: where, and what would be right. */
export function gateContradictions({
  gate,
  task,
}: {
  readonly gate: GateConfig;
  readonly task?: keyof typeof METRICS_OF_TASK | undefined;
}): readonly (readonly [path: readonly string[], message: string])[] {
  const found: (readonly [readonly string[], string])[] = [];
  const { margin, minImprovement = {}, segments = [] } = gate;
  for (const name of METRIC_NAMES) {
    if (minImprovement[name] === undefined) continue;
    const path = ['gate', 'minImprovement', name];
    if (task !== undefined && !METRICS_OF_TASK[task].includes(name)) {
      found.push([path, `a metric of ${task}: ${METRICS_OF_TASK[task].join(', ')}`]);
    }
    if (margin > 0) {
      found.push([path, 'a margin of 0: a challenger that may be worse need not improve']);
    }
  }
  const names = new Set<string>();
  segments.forEach(({ name }, i) => {
    if (names.has(name)) {
      found.push([['gate', 'segments', String(i), 'name'], 'a name that no other segment has']);
    }
    names.add(name);
  });
  return found;
}
