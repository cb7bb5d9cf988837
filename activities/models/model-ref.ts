import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { ModelCard } from '../../store/model-card.ts';
import type { ModelRef } from '../../workflows/contract.ts';

/**
 * What of a model travels in payloads, as its card has it. Its estimator is the one that its pipeline asked for.
 * @param ref of the stored card
 */
export function modelRefOf(card: ModelCard, ref: ArtefactRef): ModelRef {
  const { id, artefact, estimator, task, score, mode } = card;
  const reference = card.trainedOn.dataset;
  return {
    ...{ id, artefact, card: ref, reference, estimator: estimator.kind },
    ...{ task, trainedOn: trainedOnOf(card), score, mode },
  };
}

/** An imported model was trained on other data than those it was scored on, which are its reference. */
function trainedOnOf({ imported, knows = [], trainedOn }: ModelCard): string {
  if (imported === undefined) return trainedOn.fileName;
  return knows.length === 0
    ? `data of elsewhere (${imported.fileName})`
    : knows.map(({ fileName }) => fileName).join(', ');
}
