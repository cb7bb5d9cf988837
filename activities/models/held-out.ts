import { labelledRows } from '../../core/models/metrics/outcomes.ts';
import { takeRows, type Table } from '../../core/table.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ModelCard } from '../../store/model-card.ts';
import type { Environment } from '../environment.ts';
import { splitRows } from './holdout.ts';
import { loadTable } from '../datasets/ingest.ts';
import { knownTo, splitOf } from './lineage.ts';

/**
 * The rows that were held out when a model was trained, and scored for its baseline. The pipeline's configuration may
 * have changed since: rows that would now be split in another way are not these, and may be ones it learned by heart.
 * @returns null if they cannot be told from the others any more
 */
export async function heldOutRows(
  card: ModelCard,
  config: PipelineConfig,
  environment: Environment,
): Promise<Table | null> {
  const { sha256, dataset, holdoutRows } = card.trainedOn;
  if (card.imported !== undefined) {
    const table = await loadTable(dataset, environment);
    return takeRows(table, labelledRows(table, config.target));
  }
  const isSame = knownTo(card).some(
    (known) =>
      known.sha256 === sha256 &&
      known.part === 'training rows' &&
      known.split === splitOf(config, card.task),
  );
  const isWhole = knownTo(card).some(
    (known) => known.sha256 === sha256 && known.part === 'all rows',
  );
  if (!isSame || isWhole) return null;
  const all = await loadTable(dataset, environment);
  const { holdout } = splitRows(all, config, card.task);
  return holdout.length === holdoutRows ? takeRows(all, holdout) : null;
}
