/** Drift reports as the store holds them. Outcomes of a kind unknown here are kept, to be shown in their words. */
import { z } from 'zod';
import { parseJson } from '../store/json.ts';

const shares = z.array(z.number());
const histogram = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('numeric'),
    edges: z.array(z.number()),
    reference: shares,
    current: shares,
  }),
  z.object({
    kind: z.literal('categorical'),
    labels: z.array(z.string()),
    reference: shares,
    current: shares,
  }),
]);

const change = z.object({
  about: z.string(),
  test: z.string(),
  statistic: z.number(),
  n: z.number(),
  m: z.number(),
  pValue: z.number(),
  adjustedPValue: z.number(),
  falseDiscoveryRate: z.number(),
  effect: z.object({ name: z.string(), value: z.number(), threshold: z.number() }),
  significant: z.boolean(),
  material: z.boolean(),
});

const knownOutcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tested'),
    changes: z.array(change),
    distances: z.object({ psi: z.number(), jensenShannon: z.number() }).nullable(),
    note: z.string().optional(),
  }),
  z.object({ kind: z.literal('set-aside'), reason: z.string() }),
  z.object({
    kind: z.literal('insufficient'),
    n: z.number(),
    effective: z.number().optional(),
    required: z.number(),
  }),
]);
const KNOWN = new Set<string>(['tested', 'set-aside', 'insufficient']);

const otherOutcome = z
  .looseObject({ kind: z.string(), reason: z.string().default('') })
  .refine(({ kind }) => !KNOWN.has(kind))
  .transform(({ kind, reason }) => ({ kind: 'other' as const, words: kind, reason }));

const columnDrift = z.object({
  name: z.string(),
  kind: z.string(),
  outcome: z.union([knownOutcome, otherOutcome]),
  dependence: z
    .object({ designEffect: z.number(), reach: z.enum(['learned', 'beyond']) })
    .optional(),
  missing: z.object({ reference: z.number(), current: z.number() }),
  categories: z
    .object({
      added: z.number(),
      addedValues: z.number(),
      lost: z.number(),
      examples: z.array(z.string()),
    })
    .optional(),
  histogram: histogram.optional(),
});

const jointOutcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tested'),
    statistic: z.number(),
    n: z.number(),
    m: z.number(),
    pValue: z.number(),
    decision: z
      .object({
        adjustedPValue: z.number(),
        effect: z.object({ name: z.string(), value: z.number(), threshold: z.number() }),
        significant: z.boolean(),
        material: z.boolean(),
      })
      .nullable(),
    attribution: z.array(z.object({ column: z.string(), share: z.number() })),
  }),
  z.object({ kind: z.enum(['insufficient', 'not needed', 'failed']), reason: z.string() }),
]);

const jointTest = z.object({ test: z.string(), decides: z.boolean(), outcome: jointOutcome });

const together = z.object({
  columns: z.array(z.string()),
  referenceRows: z.number(),
  currentRows: z.number(),
  tests: z.array(jointTest),
  material: z.boolean(),
});

const explanation = z.object({
  referenceRows: z.number(),
  currentRows: z.number(),
  columns: z.array(
    z.object({
      name: z.string(),
      onset: z
        .object({ row: z.number(), time: z.number().nullable(), pValue: z.number() })
        .nullable(),
    }),
  ),
  pairs: z.array(
    z.object({
      columns: z.tuple([z.string(), z.string()]),
      test: z.string(),
      reference: z.number(),
      current: z.number(),
      adjustedPValue: z.number(),
      combination: z
        .object({
          rule: z.string(),
          reference: z.number(),
          current: z.number(),
          expected: z.number(),
        })
        .nullable()
        .optional(),
    }),
  ),
  pairsChanged: z.number(),
  slice: z
    .object({
      rule: z.string(),
      also: z.string().nullable().optional(),
      referenceShare: z.number(),
      currentShare: z.number(),
      carried: z.number(),
    })
    .nullable(),
});

const driftReport = z.object({
  referenceRows: z.number(),
  currentRows: z.number(),
  columns: z.array(columnDrift),
  tests: z.number(),
  material: z.array(z.string()),
  score: z.number(),
  together: together.nullable().optional(),
  quality: z.array(z.object({ kind: z.string(), words: z.string() })).optional(),
  explanation: explanation.nullable().optional(),
});

export type StoredDrift = z.output<typeof driftReport>;
export type StoredColumn = z.output<typeof columnDrift>;
export type StoredChange = z.output<typeof change>;
export type StoredJointTest = z.output<typeof jointTest>;
export type StoredExplanation = z.output<typeof explanation>;
export type StoredHistogram = z.output<typeof histogram>;

/** @throws ArtefactDamagedError naming every field that is not what it should be */
export function parseDriftReport(bytes: Uint8Array): StoredDrift {
  return parseJson(bytes, { schema: driftReport, what: 'drift report' });
}
