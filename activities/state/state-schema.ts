/** The state of a pipeline as the store keeps it, checked before a pipeline goes on with it. */
import { z } from 'zod';
import { METRIC_NAMES } from '../../core/models/metrics/evaluation.ts';
import {
  RUN_OUTCOMES,
  type CarriedState,
  type FoundRun,
  type RunReport,
  type SavedState,
} from '../../workflows/contract.ts';

const artefactRef = z.object({ uri: z.string(), sha256: z.string(), bytes: z.number() });
const metric = z.object({
  name: z.enum(METRIC_NAMES),
  value: z.number(),
  low: z.number(),
  high: z.number(),
});
const runPointer = z.object({ fileName: z.string(), sha256: z.string(), revision: z.number() });
const request = z.object({ by: z.string(), why: z.string() });

const modelRef = z.object({
  id: z.string(),
  artefact: artefactRef,
  card: artefactRef,
  reference: artefactRef,
  estimator: z.string(),
  task: z.enum(['classification', 'regression']),
  trainedOn: z.string(),
  score: metric,
  mode: z.string().exactOptional(),
});
const appointment = z.object({
  model: modelRef,
  since: z.string(),
  by: z.string(),
  why: z.string(),
});
const candidate = modelRef.extend({
  refusedBecause: z.string().exactOptional(),
  report: artefactRef.exactOptional(),
});
const comparison = z.looseObject({
  rows: z.number(),
  metric: z.enum(METRIC_NAMES),
  champion: metric,
  challenger: metric,
  gain: z.object({ value: z.number(), low: z.number(), high: z.number() }),
  margin: z.number(),
  verdict: z.enum(['promote', 'refuse', 'undecided']),
  reason: z.string(),
});
const shadow = z.object({
  model: modelRef,
  championId: z.string(),
  since: z.string(),
  why: z.string(),
  files: z.number(),
  seen: z.array(
    z.object({
      ref: artefactRef,
      sha256: z.string(),
      fileName: z.string(),
      labelsFor: z.object({ fileName: z.string(), sha256: z.string() }).exactOptional(),
    }),
  ),
  comparison: comparison.nullable(),
});

const sequelEnd = { by: runPointer, at: z.string() };
const sequel = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('labelled'),
    modelId: z.string(),
    metric,
    rows: z.number(),
    ...sequelEnd,
  }),
  z.object({ kind: z.literal('joined'), ...sequelEnd }),
]);
const summary = z.object({
  sequence: z.number(),
  workflowId: z.string(),
  fileName: z.string(),
  path: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  revision: z.number(),
  arrivedAt: z.string(),
  finishedAt: z.string(),
  outcome: z.enum(RUN_OUTCOMES),
  action: z
    .enum(['train', 'keep', 'retrain', 'promote', 'rollback', 'predict', 'withhold'])
    .nullable(),
  reason: z.string(),
  rows: z.number().nullable(),
  driftScore: z.number().nullable(),
  metric: metric.nullable(),
  championId: z.string().nullable(),
  report: artefactRef.nullable(),
  sequel: sequel.exactOptional(),
});

const queuedFile = z.object({
  file: z.object({
    name: z.string(),
    path: z.string(),
    sha256: z.string(),
    bytes: z.number(),
    arrivedAt: z.string(),
  }),
  revision: z.number(),
  forced: request.nullable(),
});
const breaker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('closed'), failures: z.number() }),
  z.object({
    kind: z.literal('open'),
    until: z.number(),
    coolDownMs: z.number(),
    reason: z.string(),
  }),
  z.object({ kind: z.literal('half-open'), coolDownMs: z.number() }),
]);
const auditEntry = request.extend({
  at: z.string(),
  action: z.enum([
    'pause',
    'resume',
    'retrain',
    'promote',
    'dropShadow',
    'rollback',
    'resetBreaker',
    'configure',
    'reprocess',
    'importModel',
    'fallBack',
    'retire',
  ]),
  detail: z.string(),
  report: artefactRef.exactOptional(),
});
const proposalId = z.string().exactOptional();
const answer = z.discriminatedUnion('accepted', [
  z.object({ accepted: z.literal(true), proposalId }),
  z.object({ accepted: z.literal(false), reason: z.string(), proposalId }),
]);

const carriedState: z.ZodType<CarriedState> = z.object({
  version: z.number(),
  champion: appointment.nullable(),
  previous: appointment.nullable(),
  breaker,
  paused: request.extend({ at: z.string() }).nullable(),
  queue: z.array(queuedFile),
  recent: z.array(summary),
  sealedPages: z.number(),
  sequence: z.number(),
  revisions: z.number(),
  audit: z.array(auditEntry),
  candidates: z.array(candidate),
  shadow: shadow.nullable(),
  promotion: z.object({ at: z.string(), sequence: z.number() }).nullable(),
  online: z
    .object({
      over: z.enum(['file', 'horizon', 'spending', 'lord', 'saffron']),
      clock: z.number(),
      alarms: z.number(),
      alarmsAt: z.array(z.number()),
    })
    .nullable(),
  answered: answer.nullable(),
  retiring: request.extend({ queue: z.enum(['finish', 'drop']) }).nullable(),
});

export const savedStateSchema: z.ZodType<SavedState> = z.object({
  pipeline: z.string(),
  target: z.string(),
  state: carriedState,
});

/** What is looked at before the rest: newer code may have written what this code does not know. */
export const versionSchema: z.ZodType<{ readonly state: { readonly version: number } }> = z.object({
  state: z.object({ version: z.number() }),
});

export const pageSchema: z.ZodType<readonly { readonly sequence: number }[]> = z.array(
  z.object({ sequence: z.number() }),
);

/** What of a report a pipeline records again. */
export type RecordedReport = Pick<RunReport, 'summary' | 'challenger' | 'left' | 'champion'> & {
  readonly shadow?: { readonly model: NonNullable<FoundRun['championAfter']> };
};

export const recordedReportSchema: z.ZodType<RecordedReport> = z.object({
  summary,
  champion: modelRef.nullable().exactOptional(),
  challenger: modelRef.nullable(),
  shadow: z.object({ model: modelRef }).exactOptional(),
  left: z
    .object({
      candidates: z.array(candidate),
      shadow: shadow.nullable().exactOptional(),
      filePValue: z.number().nullable(),
      damaged: z.array(z.string()).exactOptional(),
      infrastructureFailed: z.literal(true).exactOptional(),
      sequel: z.object({ of: runPointer.omit({ fileName: true }), sequel }).exactOptional(),
    })
    .exactOptional(),
});
