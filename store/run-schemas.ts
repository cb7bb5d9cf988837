/** What reports, pages of history and saved states in the store have in common, for those who check what they read. */
import { z } from 'zod';
import type { BreakerState } from '../core/breaker.ts';
import { METRIC_NAMES } from '../core/models/metrics/evaluation.ts';
import { RUN_OUTCOMES, type RunSummary, type Sequel } from '../workflows/contract.ts';

export const artefactRef = z.object({ uri: z.string(), sha256: z.string(), bytes: z.number() });

/** A metric with its interval. */
export const metricEstimate = z.object({
  name: z.enum(METRIC_NAMES),
  value: z.number(),
  low: z.number(),
  high: z.number(),
});

export const action = z.enum([
  'train',
  'keep',
  'retrain',
  'promote',
  'rollback',
  'predict',
  'withhold',
]);

export const runOutcome = z.enum(RUN_OUTCOMES);

export const runPointer = z.object({
  fileName: z.string(),
  sha256: z.string(),
  revision: z.number(),
});

const sequelEnd = { by: runPointer, at: z.string() };
export const sequel = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('labelled'),
    modelId: z.string(),
    metric: metricEstimate,
    rows: z.number(),
    ...sequelEnd,
  }),
  z.object({ kind: z.literal('joined'), ...sequelEnd }),
]) satisfies z.ZodType<Sequel>;

export const runSummary = z.object({
  sequence: z.number(),
  workflowId: z.string(),
  fileName: z.string(),
  path: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  revision: z.number(),
  arrivedAt: z.string(),
  finishedAt: z.string(),
  outcome: runOutcome,
  action: action.nullable(),
  reason: z.string(),
  rows: z.number().nullable(),
  driftScore: z.number().nullable(),
  metric: metricEstimate.nullable(),
  championId: z.string().nullable(),
  report: artefactRef.nullable(),
  sequel: sequel.exactOptional(),
}) satisfies z.ZodType<RunSummary>;

/** A page of sealed runs, oldest first. Earlier versions stored the runs alone. */
export const sealedPage = <T>(run: z.ZodType<T>): z.ZodType<readonly T[]> =>
  z.union([z.object({ runs: z.array(run) }).transform(({ runs }) => runs), z.array(run)]);

export const breakerState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('closed'), failures: z.number() }),
  z.object({
    kind: z.literal('open'),
    until: z.number(),
    coolDownMs: z.number(),
    reason: z.string(),
  }),
  z.object({ kind: z.literal('half-open'), coolDownMs: z.number() }),
]) satisfies z.ZodType<BreakerState>;
