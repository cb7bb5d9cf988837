import {
  decodeSummary,
  encodeSummary,
  SUMMARY_VERSION,
} from '../../core/drift/summary/artefact.ts';
import {
  mergeSummaries,
  summariseTable,
  type TableSummary,
} from '../../core/drift/summary/table-summary.ts';
import { summariseColumns } from '../../data/summarise-columns.ts';
import { withTableParquet } from '../../data/table-parquet.ts';
import { ArtefactDamagedError, type ArtefactRef } from '../../store/artefact-store.ts';
import { withChecksum, withoutChecksum } from '../../store/checksum.ts';
import { loadTable } from '../datasets/ingest.ts';
import { tellDamage } from '../damage.ts';
import type { Environment } from '../environment.ts';
import { storedFile } from '../stored-file.ts';

/** The table of a smaller file is at hand, or quickly read. To ask a database for each figure takes longer. */
const SMALL_BYTES = 1 << 20;

/** The summary of a stored dataset. A large one is read column by column: its table is never held. */
export async function summariseStored(
  dataset: ArtefactRef,
  environment: Pick<Environment, 'store' | 'recentTables'>,
): Promise<TableSummary> {
  if (dataset.bytes <= SMALL_BYTES) return summariseTable(await loadTable(dataset, environment));
  return withTableParquet(await storedFile(dataset, environment.store), summariseColumns);
}

/**
 * The summary of a champion's reference. Made with the first file that is compared with it, and stored beside it:
 * under the hash of the dataset, so that champions trained on the same data share it. One that is damaged is made anew.
 * @throws ArtefactDamagedError if there is none that can be read, and the dataset is damaged as well
 */
export async function referenceSummary(
  dataset: ArtefactRef,
  environment: Pick<Environment, 'store' | 'recentTables' | 'told'>,
): Promise<TableSummary> {
  const { store } = environment;
  const uri = `references/${dataset.sha256}.v${SUMMARY_VERSION}.sum`;
  const isStored = await store.exists(uri);
  const stored = isStored ? readSummary(await store.get(uri)) : null;
  if (stored !== null) return stored;
  const summary = await summariseStored(dataset, environment);
  if (isStored) {
    const damaged = new ArtefactDamagedError(`${uri} is not what was stored`);
    await tellDamage(environment, { uri, done: 'It was made anew of its data' }, damaged);
    await store.setAside(uri);
  }
  await store.put(uri, withChecksum(encodeSummary(summary)));
  return summary;
}

/**
 * Several summaries as that of one reference. Of files that differ in their columns those that are like the last one count.
 * @param summaries at least one, oldest first
 */
export function mergedReference(summaries: readonly TableSummary[]): TableSummary {
  const last = summaries.at(-1);
  if (last === undefined) throw new RangeError('merged reference: no dataset');
  const columns = columnsOf(last);
  return summaries
    .filter((summary) => columnsOf(summary) === columns)
    .reduce((merged, summary) => mergeSummaries(merged, summary));
}

function columnsOf({ columns }: TableSummary): string {
  return JSON.stringify(columns.map(({ name, kind }) => [name, kind]));
}

/** null if the summary is damaged: a damaged number in it would be a wrong number in every later detection */
function readSummary(stored: Uint8Array): TableSummary | null {
  const bytes = withoutChecksum(stored);
  return bytes === null ? null : decodeSummary(bytes);
}
