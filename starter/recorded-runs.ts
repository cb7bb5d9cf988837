import { z } from 'zod';
import { ArtefactDamagedError, type ArtefactStore } from '../store/artefact-store.ts';
import { getJson } from '../store/json.ts';
import {
  reportUri,
  RERUNNABLE_OUTCOMES,
  RUN_OUTCOMES,
  type DatasetFile,
  type RunOutcome,
} from '../workflows/contract.ts';

/** The latest run of a content, as its report has it. */
export interface RecordedRun {
  readonly file: DatasetFile;
  readonly revision: number;
  readonly outcome: RunOutcome;
  readonly reason: string;
  /** ISO 8601 */
  readonly finishedAt: string;
}

const reportSchema = z
  .object({
    file: z.object({
      name: z.string(),
      path: z.string(),
      sha256: z.string(),
      bytes: z.number(),
      arrivedAt: z.string(),
    }),
    summary: z.object({
      revision: z.number(),
      outcome: z.enum(RUN_OUTCOMES),
      reason: z.string(),
      finishedAt: z.string(),
    }),
  })
  .transform(({ file, summary }): RecordedRun => ({ file, ...summary }));

/**
 * The latest run of a content; null if it has none.
 * @throws ArtefactDamagedError if a report of it is
 */
export async function latestRun(
  store: ArtefactStore,
  pipeline: string,
  sha256: string,
): Promise<RecordedRun | null> {
  const first = reportUri(pipeline, sha256, 0);
  if (!(await store.exists(first))) return null;
  const run = await getJson(store, first, reportSchema);
  // Only such a run is run again without somebody asking for it, and looking for later ones is slow.
  if (!RERUNNABLE_OUTCOMES.has(run.outcome)) return run;
  const uris = await store.list(first.replace(/json$/, ''));
  const runs = await Promise.all(uris.map((uri) => getJson(store, uri, reportSchema)));
  return runs.reduce((latest, each) => (each.revision > latest.revision ? each : latest), run);
}

/** Of each content that a pipeline ran the latest run, oldest first, and the reports that cannot be read. */
export async function recordedRuns(
  store: ArtefactStore,
  pipeline: string,
): Promise<{ readonly runs: readonly RecordedRun[]; readonly damaged: readonly string[] }> {
  const latest = new Map<string, RecordedRun>();
  const damaged: string[] = [];
  for (const uri of await store.list(`reports/${pipeline}/`)) {
    try {
      const run = await getJson(store, uri, reportSchema);
      const other = latest.get(run.file.sha256);
      if (other === undefined || other.revision < run.revision) latest.set(run.file.sha256, run);
    } catch (error) {
      if (!(error instanceof ArtefactDamagedError)) throw error;
      damaged.push(uri);
    }
  }
  const runs = [...latest.values()];
  return {
    runs: runs.sort((a, b) => Date.parse(a.finishedAt) - Date.parse(b.finishedAt)),
    damaged,
  };
}
