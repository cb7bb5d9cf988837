import { putJson } from '../store/json.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import { historyPageUri, reportUri, type LightActivities } from '../workflows/contract.ts';
import { recordDataset } from './earlier-datasets.ts';

/** The quick activities: they record, on the main thread. */
export function createLightActivities(
  store: ArtefactStore,
): Pick<LightActivities, 'publish' | 'sealRuns'> {
  return {
    publish: async (report) => {
      const { sha256, revision } = report.summary;
      // Before the report: where there is a report, its run is over for good.
      await recordDataset(report, store);
      return putJson(store, reportUri(report.pipeline, sha256, revision), report);
    },
    sealRuns: ({ pipeline, page, runs }) => putJson(store, historyPageUri(pipeline, page), runs),
  };
}
