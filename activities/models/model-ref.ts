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
    ...(card.leftOut === undefined ? {} : { leftOut: leftOutOf(card.leftOut) }),
  };
}

/** Columns that a sentence names. */
const NAMED_COLUMNS = 5;
const NAME_LENGTH = 40;

function leftOutOf(columns: NonNullable<ModelCard['leftOut']>): string {
  const named = columns.slice(0, NAMED_COLUMNS).map(({ name, why }) => {
    const short = name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}…` : name;
    return `'${short}' (${why})`;
  });
  const more = columns.length - named.length;
  return `Not learned from: ${named.join(', ')}${more === 0 ? '' : ` and ${more} more columns, which its card names`}.`;
}

/** An imported model was trained on other data than those it was scored on, which are its reference. */
function trainedOnOf({ imported, knows = [], trainedOn }: ModelCard): string {
  if (imported === undefined) return trainedOn.fileName;
  return knows.length === 0
    ? `data of elsewhere (${imported.fileName})`
    : knows.map(({ fileName }) => fileName).join(', ');
}
