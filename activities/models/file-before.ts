import { labelledRows } from '../../core/models/metrics/outcomes.ts';
import { takeRows, type Table } from '../../core/table.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ModelCard } from '../../store/model-card.ts';
import type { Dataset } from '../../workflows/contract.ts';
import { earlierDatasets } from '../datasets/earlier-datasets.ts';
import { FROM_BACKUP, unlessDamaged } from '../damage.ts';
import type { Environment } from '../environment.ts';
import { loadTable } from '../datasets/ingest.ts';
import { knowsRowsOf } from './lineage.ts';

/** So many files back one with labels is looked for. */
const LOOK_BACK = 10;

/**
 * The labelled rows of the labelled file that came before one, to compare models on.
 * @returns null if there is none, its data are damaged, one of the models was trained on rows of it, or it lacks a column of theirs
 */
export async function fileBefore(
  {
    config,
    dataset,
    cards,
    sequence,
  }: {
    readonly config: PipelineConfig;
    readonly dataset: Dataset;
    /** of the models */
    readonly cards: readonly ModelCard[];
    /** the run's position in the pipeline's order */
    readonly sequence: number;
  },
  environment: Environment,
): Promise<Table | null> {
  const found = await earlierDatasets(config, sequence, environment, LOOK_BACK);
  const before = found
    .map((earlier) => earlier.dataset)
    .find(({ labelled, sha256 }) => labelled && sha256 !== dataset.sha256);
  if (before === undefined || cards.some((card) => knowsRowsOf(card, before))) return null;
  const done = `The models were compared on ${dataset.fileName} alone, without the data of ${before.fileName}. ${FROM_BACKUP}, or run ${before.fileName} again`;
  const table = await unlessDamaged(environment, { uri: before.ref.uri, done }, () =>
    loadTable(before.ref, environment),
  );
  if (table === null) return null;
  const canRead = cards.every((card) => isReadBy(table, card));
  return canRead ? takeRows(table, labelledRows(table, config.target)) : null;
}

/** Columns may have come, gone, or become another kind since. */
function isReadBy({ columns }: Table, { features, target, task }: ModelCard): boolean {
  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
  const isTarget = task === 'classification' ? kinds.has(target) : kinds.get(target) === 'numeric';
  return isTarget && features.every(({ name, kind }) => kinds.get(name) === kind);
}
