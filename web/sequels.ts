/** What became known of runs after they ended: read from the store, beside their reports, which never change. */
import type { MetricEstimate } from '../core/models/metrics/evaluation.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import {
  sequelsPrefix,
  type LateEvaluation,
  type RunSummary,
  type Sequel,
} from '../workflows/contract.ts';
import { parseSequel } from './stored-reports.ts';

/** A sequel with what the run that tells it measured. */
export interface ToldLater {
  readonly sequel: Sequel;
  /** by labels that came; null for other sequels, or where the store has lost the report */
  readonly late: LateEvaluation | null;
}

/** Of one run, the latest first. */
export async function sequelsOf(
  store: ArtefactStore,
  pipeline: string,
  { sha256, revision }: Pick<RunSummary, 'sha256' | 'revision'>,
): Promise<readonly Sequel[]> {
  const uris = await store.list(sequelsPrefix(pipeline, sha256, revision));
  const bytes = await Promise.all(uris.toReversed().map((uri) => store.get(uri)));
  return bytes.map(parseSequel);
}

/** Sealed runs with the latest of what became known of each since. */
export async function withSequels(
  store: ArtefactStore,
  pipeline: string,
  runs: readonly RunSummary[],
): Promise<readonly RunSummary[]> {
  const uris = await store.list(`sequels/${pipeline}/`);
  return Promise.all(
    runs.map(async (run) => {
      const prefix = sequelsPrefix(pipeline, run.sha256, run.revision);
      const latest = uris.findLast((uri) => uri.startsWith(prefix));
      return latest === undefined ? run : { ...run, sequel: parseSequel(await store.get(latest)) };
    }),
  );
}

/**
 * The champion's metric on a file: by its labels as they were known last. They may have come with the file, or later.
 */
export function metricOf({ metric, sequel }: RunSummary): MetricEstimate | null {
  return sequel?.kind === 'labelled' ? sequel.metric : metric;
}
