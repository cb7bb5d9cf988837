/** What became known of runs after they ended: read from the store, beside their reports, which never change. */
import type { MetricEstimate } from '../core/models/metrics/evaluation.ts';
import { isDamage, type ArtefactStore } from '../store/artefact-store.ts';
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
  const told = await Promise.all(uris.toReversed().map((uri) => soundSequel(store, uri)));
  return told.filter((sequel) => sequel !== null);
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
      const told = latest === undefined ? null : await soundSequel(store, latest);
      return told === null ? run : { ...run, sequel: told };
    }),
  );
}

/** null where it is damaged: the report of the run that tells it says the same. */
async function soundSequel(store: ArtefactStore, uri: string): Promise<Sequel | null> {
  try {
    return parseSequel(await store.get(uri));
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}

/**
 * The champion's metric on a file: by its labels as they were known last. They may have come with the file, or later.
 */
export function metricOf({ metric, sequel }: RunSummary): MetricEstimate | null {
  return sequel?.kind === 'labelled' ? sequel.metric : metric;
}
