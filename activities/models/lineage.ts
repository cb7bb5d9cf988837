import type { Task } from '../../core/models/model.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { parseModelCard, type ModelCard } from '../../store/model-card.ts';
import {
  fileOfRows,
  type Dataset,
  type ModelRef,
  type RowsOfFile,
} from '../../workflows/contract.ts';
import { digestOf } from '../digest.ts';
import { NotEnoughDataError } from '../environment.ts';
import { readOfModel } from './damaged-model.ts';

/** A dataset whose rows a model was fitted to. */
export type KnownDataset = NonNullable<ModelCard['knows']>[number];

/** @throws DamagedModelError if it is missing, or not what the reference says */
export async function cardOf({ id, card }: ModelRef, store: ArtefactStore): Promise<ModelCard> {
  return readOfModel(id, async () => parseModelCard(await store.get(card.uri, card.sha256)));
}

/** Every dataset whose rows a model was fitted to, by itself or through a model that it goes on from. */
export function knownTo({ knows, trainedOn }: ModelCard): readonly KnownDataset[] {
  if (knows !== undefined) return knows;
  const { sha256, fileName, rows } = trainedOn;
  return [{ sha256, fileName, rows, part: 'training rows', split: null }];
}

/** What a model that is fitted to rows of a dataset knows. */
export function knowledgeOf(
  dataset: Pick<Dataset, 'sha256' | 'fileName' | 'labelsFor'>,
  rows: Pick<KnownDataset, 'rows' | 'part' | 'split'>,
): KnownDataset {
  const { sha256, fileName, labelsFor } = dataset;
  return { sha256, ...(labelsFor && { rowsOf: labelsFor.sha256 }), fileName, ...rows };
}

/** Are they rows of the dataset, whatever labels they had? */
export function isRowsOf({ sha256, rowsOf }: KnownDataset, dataset: RowsOfFile): boolean {
  return (rowsOf ?? sha256) === fileOfRows(dataset);
}

/** Was a model fitted to rows of the dataset, whatever labels they had? */
export function knowsRowsOf(card: ModelCard, dataset: RowsOfFile): boolean {
  return knownTo(card).some((known) => isRowsOf(known, dataset));
}

/** Names the way in which the rows of a file are shared out between training and comparing. */
export function splitOf({ target, gate, seed, timeColumn }: PipelineConfig, task: Task): string {
  return digestOf([target, task, gate.holdout, seed, timeColumn ?? null]);
}

/**
 * Makes sure that the rows of a dataset which are held out were in the training of none of some models. A file
 * that is new to its pipeline is new to its models; one that is run again may have come into a window, whole, or
 * have been split in another way, and would flatter the model that learned it by heart. Rows are held out class by
 * class, so that corrected labels hold out others.
 * @throws NotEnoughDataError naming the model, and what helps
 */
export function requireUnseen(
  dataset: Pick<Dataset, 'sha256' | 'fileName' | 'labelsFor'>,
  cards: readonly ModelCard[],
  config: PipelineConfig,
): void {
  for (const card of cards) {
    const split = splitOf(config, card.task);
    const seen = knownTo(card).find(
      (known) =>
        isRowsOf(known, dataset) &&
        (known.part === 'all rows' ||
          known.sha256 !== dataset.sha256 ||
          (known.split !== null && known.split !== split)),
    );
    if (seen === undefined) continue;
    const which = seen.part === 'all rows' ? 'all of them' : 'others of them than are held out now';
    const how = seen.sha256 === dataset.sha256 ? which : `${which}, with their earlier labels`;
    throw new NotEnoughDataError(
      `no row of ${dataset.fileName} is left to compare models on: model ${card.id} was trained on ${how}; a file that is new to the pipeline can tell`,
    );
  }
}
