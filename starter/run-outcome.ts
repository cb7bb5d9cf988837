import { z } from 'zod';
import { getJson } from '../store/json.ts';
import { ArtefactMissingError, type ArtefactStore } from '../store/artefact-store.ts';
import {
  reportUri,
  RERUNNABLE_OUTCOMES,
  RUN_OUTCOMES,
  type RunOutcome,
} from '../workflows/contract.ts';

/** What a report says of how its run ended; the rest of it is for the dashboard. */
const reportSchema = z.object({
  summary: z.object({
    workflowId: z.string(),
    fileName: z.string(),
    outcome: z.enum(RUN_OUTCOMES),
    reason: z.string(),
    rows: z.number().nullable(),
    driftScore: z.number().nullable(),
    metric: z.object({ name: z.string(), value: z.number() }).nullable(),
  }),
  drift: z.object({ materialCount: z.number() }).nullable(),
});

/** How a run ended, in short. */
export interface Outcome {
  readonly workflowId: string;
  readonly outcome: RunOutcome;
  readonly reason: string;
  readonly rows: number | null;
  readonly driftScore: number | null;
  readonly metric: { readonly name: string; readonly value: number } | null;
  /** columns and tests that changed materially */
  readonly materialCount: number;
}

/** The outcome of a run; null while it has none. @throws ArtefactDamagedError if its report is damaged */
export async function readOutcome(
  store: ArtefactStore,
  pipeline: string,
  sha256: string,
  revision: number,
): Promise<Outcome | null> {
  try {
    const uri = reportUri(pipeline, sha256, revision);
    const { summary, drift } = await getJson(store, uri, reportSchema);
    const { workflowId, outcome, reason, rows, driftScore, metric } = summary;
    const materialCount = drift?.materialCount ?? 0;
    return { workflowId, outcome, reason, rows, driftScore, metric, materialCount };
  } catch (error) {
    if (error instanceof ArtefactMissingError) return null;
    throw error;
  }
}

const DRIFTS: ReadonlySet<RunOutcome> = new Set<RunOutcome>([
  'promoted',
  'refused',
  'shadowed',
  'withheld',
  'rolled back',
]);

/** For shell scripts: 0 every file is like the reference, 2 at least one drifted, 1 at least one went wrong. */
export function exitCodeOf(outcomes: readonly Outcome[]): 0 | 1 | 2 {
  if (outcomes.some(({ outcome }) => RERUNNABLE_OUTCOMES.has(outcome))) return 1;
  const drifted = outcomes.some(
    ({ outcome, materialCount }) => DRIFTS.has(outcome) || materialCount > 0,
  );
  return drifted ? 2 : 0;
}
