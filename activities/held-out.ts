import type { Model } from '../core/models/model.ts';
import { takeRows, type Table } from '../core/table.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { ModelCard } from '../store/model-card.ts';
import type { ModelRef } from '../workflows/contract.ts';
import type { Environment } from './environment.ts';
import { splitRows } from './holdout.ts';
import { loadTable } from './ingest.ts';
import { cardOf, knownTo, splitOf } from './lineage.ts';
import { openModel } from './models.ts';

/** A champion with the rows of its own file that it was not trained on. */
export interface HeldOutRows {
  readonly model: Model;
  readonly card: ModelCard;
  readonly table: Table;
}

/**
 * The rows that were held out when a model was trained, and scored for its baseline. The pipeline's configuration may
 * have changed since: rows that would now be split in another way are not these, and may be ones it learned by heart.
 * @returns null if they cannot be told from the others any more
 */
export async function heldOutRows(
  champion: ModelRef,
  config: PipelineConfig,
  environment: Environment,
): Promise<HeldOutRows | null> {
  const card = await cardOf(champion, environment.store);
  const { sha256, dataset, holdoutRows } = card.trainedOn;
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
  if (holdout.length !== holdoutRows) return null;
  const model = await openModel(champion, config, environment.store);
  return { model, card, table: takeRows(all, holdout) };
}
