/** The state of a pipeline as the store keeps it, checked before a pipeline goes on with it. */
import { z } from 'zod';
import { METRIC_NAMES } from '../../core/models/metrics/evaluation.ts';
import {
  artefactRef,
  breakerState,
  metricEstimate,
  runPointer,
  runSummary,
  sealedPage,
  sequel,
} from '../../store/run-schemas.ts';
import type { CarriedState, FoundRun, RunReport, SavedState } from '../../workflows/contract.ts';

const request = z.object({ by: z.string(), why: z.string() });

const modelRef = z.object({
  id: z.string(),
  artefact: artefactRef,
  card: artefactRef,
  reference: artefactRef,
  estimator: z.string(),
  task: z.enum(['classification', 'regression']),
  trainedOn: z.string(),
  score: metricEstimate,
  mode: z.string().exactOptional(),
  leftOut: z.string().exactOptional(),
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
  champion: metricEstimate,
  challenger: metricEstimate,
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
    'takeUp',
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
  breaker: breakerState,
  paused: request.extend({ at: z.string() }).nullable(),
  queue: z.array(queuedFile),
  recent: z.array(runSummary),
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

/** A page of runs, oldest first. */
export const pageSchema: z.ZodType<readonly { readonly sequence: number }[]> = sealedPage(
  z.object({ sequence: z.number() }),
);

/** What of a report a pipeline records again. */
export type RecordedReport = Pick<RunReport, 'summary' | 'challenger' | 'left' | 'champion'> & {
  readonly shadow?: { readonly model: NonNullable<FoundRun['championAfter']> };
};

export const recordedReportSchema: z.ZodType<RecordedReport> = z.object({
  summary: runSummary,
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
