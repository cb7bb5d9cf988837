import { putJson } from '../store/json.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import {
  reportUri,
  sequelIn,
  sequelUri,
  type LightActivities,
  type RunReport,
} from '../workflows/contract.ts';
import { recordDataset } from './datasets/earlier-datasets.ts';
import { findChampion } from './models/find-champion.ts';
import { findRun, findRuns } from './state/found-runs.ts';
import { findState, saveState, sealRuns } from './state/saved-state.ts';
import { recordWaiting } from './datasets/waiting-labels.ts';

/** The quick activities: they record, on the main thread. */
export function createLightActivities(store: ArtefactStore): Omit<LightActivities, 'notify'> {
  return {
    publish: async (report) => {
      const { sha256, revision } = report.summary;
      const uri = reportUri(report.pipeline, sha256, revision);
      // Before the report: where there is a report, its run is over for good, and what it left is recorded.
      if (!(await store.exists(uri))) await recordEnd(report, store);
      return putJson(store, uri, report);
    },
    findChampion: (config) => findChampion(config, store),
    saveState: (state) => saveState(state, store),
    findState: (pipeline) => findState(pipeline, store),
    findRuns: (after) => findRuns(after, store),
    findRun: (run) => findRun(run, store),
    sealRuns: (page) => sealRuns(page, store),
  };
}

/** What later runs look for: the dataset, labels that wait or were taken, and what became known of an earlier run. */
async function recordEnd(report: RunReport, store: ArtefactStore): Promise<void> {
  await recordDataset(report, store);
  await recordWaiting(report, { store, told: [] });
  const sequel = sequelIn(report);
  if (sequel !== null) await putJson(store, sequelUri(report.pipeline, sequel), sequel.sequel);
}
