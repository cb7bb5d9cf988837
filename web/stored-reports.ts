/** Reports as the store holds them, checked before a page believes them. */
import { z } from 'zod';
import { parseJson } from '../store/json.ts';
import {
  action,
  artefactRef,
  metricEstimate,
  runPointer,
  runSummary,
  sealedPage,
  sequel,
} from '../store/run-schemas.ts';
import { METRIC_NAMES } from '../core/models/metrics/evaluation.ts';
import type { ModelRef, RunReport, RunSummary, Sequel } from '../workflows/contract.ts';

const metricName = z.enum(METRIC_NAMES);
const JOINT_TESTS = [
  'domain classifier',
  'PCA reconstruction',
  'maximum mean discrepancy',
  'energy distance',
] as const;

const task = z.enum(['classification', 'regression']);
const interval = z.object({ low: z.number(), high: z.number() });
const evaluation = z.object({
  rows: z.number(),
  primary: metricEstimate,
  metrics: z.partialRecord(metricName, z.number()),
  intervals: z.partialRecord(metricName, interval).exactOptional(),
  loss: z.object({
    mean: z.number(),
    variance: z.number(),
    dependence: z
      .array(
        z.object({
          rows: z.number(),
          freedom: z.number(),
          others: z.number(),
          neighbours: z.number(),
        }),
      )
      .exactOptional(),
  }),
  confusion: z
    .object({
      classes: z.array(z.string()),
      counts: z.array(z.array(z.number())),
      unknown: z.array(z.number()).exactOptional(),
    })
    .exactOptional(),
  residuals: z.object({ p05: z.number(), p50: z.number(), p95: z.number() }).exactOptional(),
});
const group = z.object({
  kind: z.enum(['class', 'segment']),
  name: z.string(),
  rows: z.number(),
  measure: z.enum(['f1', 'accuracy', 'rmse']),
  champion: z.number(),
  challenger: z.number(),
  gain: interval.extend({ value: z.number() }),
  tolerance: z.number(),
  pValue: z.number(),
  verdict: z.enum(['unharmed', 'harmed', 'unclear', 'too few']),
});
const comparison = z.object({
  rows: z.number(),
  metric: metricName,
  champion: metricEstimate,
  challenger: metricEstimate,
  gain: z.object({ value: z.number(), low: z.number(), high: z.number() }),
  margin: z.number(),
  test: z
    .object({ name: z.enum(['mcnemar', 'delong', 'bootstrap']), pValue: z.number() })
    .exactOptional(),
  power: z
    .object({ detectable: z.number(), rowsNeeded: z.number().exactOptional() })
    .exactOptional(),
  groups: z.array(group).exactOptional(),
  verdict: z.enum(['promote', 'refuse', 'undecided']),
  reason: z.string(),
});
const performance = z.object({
  current: evaluation,
  baseline: evaluation,
  baselineOf: z
    .object({ heldOut: z.number(), files: z.number(), fileRows: z.number() })
    .exactOptional(),
  pValue: z.number(),
  drop: z.number(),
  breached: z.array(z.object({ metric: metricName, value: z.number(), threshold: z.number() })),
});

const modelRef = z.object({
  id: z.string(),
  artefact: artefactRef,
  card: artefactRef,
  reference: artefactRef,
  estimator: z.string(),
  task,
  trainedOn: z.string(),
  score: metricEstimate,
  mode: z.string().exactOptional(),
  leftOut: z.string().exactOptional(),
}) satisfies z.ZodType<ModelRef>;

const rowPlace = z.object({ row: z.number(), time: z.number().nullable(), rowsBefore: z.number() });
const errorCourse = z.object({
  rows: z.number(),
  onset: rowPlace.extend({ pValue: z.number() }).nullable(),
  detector: z.string(),
  changes: z.number(),
  firstChanges: z.array(rowPlace),
});
const partOfChange = z.object({ statistic: z.number(), pValue: z.number(), changed: z.boolean() });
const kindsOfChange = z.object({
  referenceRows: z.number(),
  currentRows: z.number(),
  covariate: partOfChange,
  label: partOfChange,
  concept: z
    .object({
      pValue: z.number(),
      changed: z.boolean(),
      loss: z.number(),
      expectedLoss: z.number(),
      bias: z.number(),
      overlap: z.number(),
    })
    .nullable(),
  words: z.string(),
});
const metricVerdict = z.object({
  votes: z.array(
    z.object({
      metric: metricName,
      value: z.number(),
      limit: z.number(),
      flagged: z.boolean(),
      previous: z.number().exactOptional(),
    }),
  ),
  degraded: z.boolean(),
});
const estimatedPerformance = z.object({
  method: z.enum(['CBPE', 'DLE']),
  rows: z.number(),
  metric: metricEstimate,
  baseline: z.number(),
  drop: z.number(),
  pValue: z.number(),
});

const notEstimated = z.object({ kind: z.literal('not estimated'), reason: z.string() });

const runReport = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  summary: runSummary,
  file: z.object({
    name: z.string(),
    path: z.string(),
    sha256: z.string(),
    bytes: z.number(),
    arrivedAt: z.string(),
  }),
  dataset: z
    .object({
      ref: artefactRef,
      sha256: z.string(),
      fileName: z.string(),
      rows: z.number(),
      columns: z.number(),
      labelled: z.boolean(),
      task: task.nullable(),
      taskReason: z.string(),
      labelsFor: z.object({ fileName: z.string(), sha256: z.string() }).exactOptional(),
      labelsFrom: runPointer.exactOptional(),
      notes: z.array(z.string()).exactOptional(),
      labelsUnfit: z.string().exactOptional(),
      waitsFor: z.string().exactOptional(),
    })
    .nullable(),
  champion: modelRef.nullable().exactOptional(),
  drift: z
    .object({
      report: artefactRef,
      score: z.number(),
      tests: z.number(),
      testedColumns: z.number(),
      columns: z.number(),
      materialCount: z.number(),
      filePValue: z.number().nullable().exactOptional(),
      material: z.array(z.string()),
      insufficient: z.number(),
      comparedWith: z.array(z.string()).exactOptional(),
      together: z
        .object({
          test: z.enum(JOINT_TESTS),
          statistic: z.number(),
          adjustedPValue: z.number(),
          material: z.boolean(),
          columns: z.array(z.string()),
        })
        .nullable()
        .exactOptional(),
    })
    .nullable(),
  evaluation: z
    .object({
      champion: performance,
      previous: comparison.nullable(),
      errors: errorCourse.exactOptional(),
      kinds: kindsOfChange.nullable().exactOptional(),
      degradation: z
        .object({ absolute: metricVerdict, relative: metricVerdict.nullable() })
        .exactOptional(),
    })
    .nullable(),
  estimated: z.union([estimatedPerformance, notEstimated]).nullable().exactOptional(),
  decision: z.object({ action, reason: z.string() }).nullable(),
  challenger: modelRef.nullable(),
  comparison: comparison.nullable(),
  late: z
    .object({ modelId: z.string(), revision: z.number().exactOptional(), evaluation })
    .exactOptional(),
  shadow: z
    .object({ model: modelRef, seen: z.number(), files: z.number(), comparison })
    .exactOptional(),
  predictions: artefactRef.nullable(),
  failure: z.object({ type: z.string(), message: z.string() }).nullable(),
}) satisfies z.ZodType<RunReport>;

/** @throws ArtefactDamagedError naming every field that is not what it should be */
export function parseSequel(bytes: Uint8Array): Sequel {
  return parseJson(bytes, { schema: sequel, what: 'sequel of a run' });
}

/** @throws ArtefactDamagedError naming every field that is not what it should be */
export function parseRunReport(bytes: Uint8Array): RunReport {
  return parseJson(bytes, { schema: runReport, what: 'run report' });
}

/** A page of older runs, oldest first. @throws ArtefactDamagedError */
export function parseHistoryPage(bytes: Uint8Array): readonly RunSummary[] {
  return parseJson(bytes, { schema: sealedPage(runSummary), what: 'page of runs' });
}
