/** What the store holds for pages to show. Artefacts never change, so each is read and checked once. */
import {
  ArtefactDamagedError,
  ArtefactMissingError,
  type ArtefactRef,
  type ArtefactStore,
} from '../store/artefact-store.ts';
import { parseModelCard, type ModelCard } from '../store/model-card.ts';
import {
  historyPageUri,
  reportUri,
  type ModelRef,
  type RunReport,
  type RunSummary,
  type Sequel,
} from '../workflows/contract.ts';
import { LastKnown } from './last-known.ts';
import { sequelsOf, withSequels, type ToldLater } from './sequels.ts';
import { parseDriftReport, type StoredDrift } from './stored-drift.ts';
import { parseHistoryPage, parseRunReport } from './stored-reports.ts';

/** Each answers null, or nothing, when the store does not have it. */
export interface Published {
  report(id: RunId): Promise<RunReport | null>;
  drift(ref: ArtefactRef): Promise<StoredDrift | null>;
  card(model: ModelRef): Promise<ModelCard | null>;
  /** an artefact as it is, to be handed on */
  stored(uri: string): Promise<Uint8Array | null>;
  /** what became known of a run after it ended, the latest first */
  sequels(id: RunId): Promise<readonly ToldLater[]>;
  /** oldest first */
  historyPage(pipeline: string, page: number): Promise<readonly RunSummary[]>;
  /** newest first; for when no worker can say which runs there were */
  newestRuns(pipeline: string, limit: number): Promise<readonly RunSummary[]>;
}

const REMEMBERED_REPORTS = 200;
const REMEMBERED_CARDS = 100;
const REMEMBERED_DRIFT = 50;

/** Reports read at most to find the newest: they are stored by content, not by time. */
const MAX_REPORTS_READ = 200;

export function createPublished(store: ArtefactStore): Published {
  const reports = new LastKnown<RunReport>(REMEMBERED_REPORTS);
  const cards = new LastKnown<ModelCard>(REMEMBERED_CARDS);
  const drifts = new LastKnown<StoredDrift>(REMEMBERED_DRIFT);

  const reportAt = (uri: string): Promise<RunReport | null> =>
    remembered(reports, uri, async () => {
      const bytes = await ifStored(() => store.get(uri));
      return bytes === null ? null : parseRunReport(bytes);
    });
  const toldBy = async (pipeline: string, sequel: Sequel): Promise<ToldLater> => {
    const { sha256, revision } = sequel.by;
    const teller =
      sequel.kind === 'labelled' ? await reportAt(reportUri(pipeline, sha256, revision)) : null;
    return { sequel, late: teller?.late ?? null };
  };
  return {
    sequels: async (id) =>
      Promise.all(
        (await sequelsOf(store, id.pipeline, id)).map((sequel) => toldBy(id.pipeline, sequel)),
      ),
    report: ({ pipeline, sha256, revision }) => reportAt(reportUri(pipeline, sha256, revision)),
    drift: ({ uri, sha256 }) =>
      remembered(drifts, sha256, async () => {
        const bytes = await ifStored(() => store.get(uri, sha256));
        return bytes === null ? null : parseDriftReport(bytes);
      }),
    card: ({ card }) =>
      remembered(cards, card.sha256, async () => {
        const bytes = await ifStored(() => store.get(card.uri, card.sha256));
        return bytes === null ? null : unlessDamaged(() => Promise.resolve(parseModelCard(bytes)));
      }),
    stored: (uri) => ifStored(() => store.get(uri)),
    historyPage: async (pipeline, page) => {
      const uri = historyPageUri(pipeline, page);
      const bytes = await unlessDamaged(() => ifStored(() => store.get(uri)));
      const runs =
        bytes === null ? null : await unlessDamaged(() => Promise.resolve(parseHistoryPage(bytes)));
      return runs === null ? [] : withSequels(store, pipeline, runs);
    },
    newestRuns: async (pipeline, limit) => {
      const uris = await store.list(`reports/${pipeline}/`);
      const found = await Promise.all(
        uris.slice(0, MAX_REPORTS_READ).map((uri) => unlessDamaged(() => reportAt(uri))),
      );
      const newest = found
        .flatMap((report) => (report === null ? [] : [report.summary]))
        .sort((a, b) => b.sequence - a.sequence)
        .slice(0, limit);
      return withSequels(store, pipeline, newest);
    },
  };
}

async function remembered<T>(
  memory: LastKnown<T>,
  key: string,
  read: () => Promise<T | null>,
): Promise<T | null> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const value = await read();
  if (value !== null) memory.set(key, value);
  return value;
}

/** One damaged file takes no list down: what it would have told is missing there. */
async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ArtefactDamagedError) return null;
    throw error;
  }
}

async function ifStored(read: () => Promise<Uint8Array>): Promise<Uint8Array | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ArtefactMissingError) return null;
    throw error;
  }
}

export interface RunId {
  readonly pipeline: string;
  readonly sha256: string;
  readonly revision: number;
}
