import { putJson } from '../store/json.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import {
  historyPageUri,
  reportUri,
  sequelIn,
  sequelUri,
  type LightActivities,
  type RunReport,
} from '../workflows/contract.ts';
import { recordDataset } from './datasets/earlier-datasets.ts';
import { findChampion } from './models/find-champion.ts';
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
    sealRuns: ({ pipeline, page, runs }) => putJson(store, historyPageUri(pipeline, page), runs),
  };
}

/** What later runs look for: the dataset, labels that wait or were taken, and what became known of an earlier run. */
async function recordEnd(report: RunReport, store: ArtefactStore): Promise<void> {
  await recordDataset(report, store);
  await recordWaiting(report, store);
  const sequel = sequelIn(report);
  if (sequel !== null) await putJson(store, sequelUri(report.pipeline, sequel), sequel.sequel);
}
