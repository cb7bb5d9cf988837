import path from 'node:path';
import { joinLabels, requireLabels } from '../../core/join-labels.ts';
import type { Table } from '../../core/table.ts';
import { InvalidDatasetError } from '../../data/invalid-dataset.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { Dataset } from '../../workflows/contract.ts';
import type { Environment } from '../environment.ts';
import { earlierThat, type EarlierDataset } from './earlier-datasets.ts';

/** The name of a file without its ending. */
export const stemOf = (name: string): string => path.parse(name).name;

/** The name without its ending of the file that a file has the labels of; null if it is no file of labels. */
export function stemOfLabels(name: string, { labels }: PipelineConfig): string | null {
  if (labels === undefined) return null;
  const stem = stemOf(name);
  return stem.endsWith(labels.suffix) ? stem.slice(0, -labels.suffix.length) : null;
}

/**
 * The newest dataset of a name, among those that a pipeline processed before, whose file had no labels of its own;
 * null if there is none. It may have got some by now: these are then newer ones.
 */
export async function unlabelledDataset(
  stem: string,
  config: PipelineConfig,
  sequence: number,
  environment: Pick<Environment, 'store' | 'told'>,
): Promise<Dataset | null> {
  const isWanted = ({
    dataset: { labelled, labelsFrom, labelsFor, fileName },
  }: EarlierDataset): boolean =>
    (!labelled || labelsFrom !== undefined) && labelsFor === undefined && stemOf(fileName) === stem;
  const [found] = await earlierThat(isWanted, config, sequence, environment, {
    most: 1,
    byEarlierRules: true,
  });
  return found?.dataset ?? null;
}

/** @throws InvalidDatasetError if the two cannot be joined by the pipeline's key */
export function withLabels(table: Table, labels: Table, config: PipelineConfig): Table {
  return readable(() => joinLabels(table, labels, columnsOf(config)));
}

/** @throws InvalidDatasetError if these are no labels that a file could have, whichever it is */
export function checkLabels(labels: Table, config: PipelineConfig): void {
  readable(() => {
    requireLabels(labels, columnsOf(config));
  });
}

const columnsOf = ({
  labels,
  target,
}: PipelineConfig): { readonly key: string; readonly target: string } => ({
  key: labels?.key ?? '',
  target,
});

/** @throws InvalidDatasetError for what core says of data */
export function readable<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidDatasetError(error.message, { cause: error });
  }
}
