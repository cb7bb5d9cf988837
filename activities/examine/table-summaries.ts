import {
  decodeSummary,
  encodeSummary,
  SUMMARY_VERSION,
} from '../../core/drift/summary/artefact.ts';
import { mergeSummaries, type TableSummary } from '../../core/drift/summary/table-summary.ts';
import { summariseColumns } from '../../data/summarise-columns.ts';
import { withTableParquet } from '../../data/table-parquet.ts';
import { ArtefactDamagedError, type ArtefactRef } from '../../store/artefact-store.ts';
import type { Environment } from '../environment.ts';
import { storedFile } from '../stored-file.ts';

/** The summary of a stored dataset, read column by column: its table is never held. */
export async function summariseStored(
  dataset: ArtefactRef,
  { store }: Pick<Environment, 'store'>,
): Promise<TableSummary> {
  return withTableParquet(await storedFile(dataset, store), summariseColumns);
}

/**
 * The summary of a champion's reference. Made with the first file that is compared with it, and stored beside it:
 * under the hash of the dataset, so that champions trained on the same data share it.
 * @throws ArtefactDamagedError if the stored summary cannot be read
 */
async function referenceSummary(
  dataset: ArtefactRef,
  environment: Pick<Environment, 'store'>,
): Promise<TableSummary> {
  const { store } = environment;
  const uri = `references/${dataset.sha256}.v${SUMMARY_VERSION}.bin`;
  if (await store.exists(uri)) return readSummary(uri, await store.get(uri));
  const summary = await summariseStored(dataset, environment);
  await store.put(uri, encodeSummary(summary));
  return summary;
}

/**
 * The summary of several datasets as one reference. Of files that differ in their columns those that are like the last
 * one count.
 * @param datasets at least one, oldest first
 */
export async function mergedReference(
  datasets: readonly ArtefactRef[],
  environment: Pick<Environment, 'store'>,
): Promise<TableSummary> {
  const summaries = [];
  for (const dataset of datasets) summaries.push(await referenceSummary(dataset, environment));
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

function readSummary(uri: string, bytes: Uint8Array): TableSummary {
  try {
    return decodeSummary(bytes);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ArtefactDamagedError(
      `${uri} cannot be read (${cause.message}); delete it, and it is made anew`,
      { cause },
    );
  }
}
