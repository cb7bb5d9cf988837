import { InfrastructureError } from '../../core/infrastructure-error.ts';
import { isDamage, type ArtefactStore } from '../../store/artefact-store.ts';
import { parseModelCard, type ModelCard } from '../../store/model-card.ts';
import type { ComputeTasks, ModelRef, SoundModel } from '../../workflows/contract.ts';
import type { Environment } from '../environment.ts';
import { referenceSummary } from '../examine/table-summaries.ts';
import { DamagedModelError, readOfModel } from './damaged-model.ts';
import { cardOf } from './lineage.ts';
import { modelRefOf } from './model-ref.ts';

/**
 * Looks at champion and previous model as they are in the store, and finds the model to go on with: the champion if it is
 * sound, else the previous one, else the newest that was in force and is sound.
 * @throws InfrastructureError if the store lacks what the run has just put into its own
 */
export async function findSoundModel(
  { config, dataset, champion, previous }: Parameters<ComputeTasks['findSoundModel']>[0],
  environment: Environment,
): Promise<SoundModel> {
  const { store } = environment;
  if (!(await store.exists(dataset.ref.uri))) {
    throw new InfrastructureError(
      `the store of this worker lacks ${dataset.ref.uri}, which the run has stored: it is another store; give all workers the same one`,
    );
  }
  const championDamage = await damageOf(champion, environment);
  const previousDamage = previous === null ? null : await damageOf(previous, environment);
  const damage = { championDamage, previousDamage };
  if (championDamage === null) return { ...damage, model: champion };
  if (previous !== null && previousDamage === null) return { ...damage, model: previous };
  return { ...damage, model: await newestInForce(champion, config, environment) };
}

async function damageOf(model: ModelRef, environment: Environment): Promise<string | null> {
  const { artefact, reference, id } = model;
  const { store } = environment;
  try {
    await cardOf(model, store);
    await readOfModel(id, () => store.get(artefact.uri, artefact.sha256));
    await readOfModel(id, () => referenceSummary(reference, environment));
    return null;
  } catch (error) {
    if (!(error instanceof DamagedModelError)) throw error;
    return error.message;
  }
}

/** Of the models that a pipeline had in force before, the newest that is sound. */
async function newestInForce(
  champion: ModelRef,
  { name, target }: Parameters<ComputeTasks['findSoundModel']>[0]['config'],
  environment: Environment,
): Promise<ModelRef | null> {
  const cards = await cardsOf(environment.store);
  const own = cards.filter(
    ({ card }) => card.pipeline === name && card.target === target && card.task === champion.task,
  );
  // Who was the champion is the parent of what was trained then; the first of all has none itself.
  const parents = new Set(own.map(({ card }) => card.parent));
  const wasInForce = ({ id, parent, imported }: ModelCard): boolean =>
    parents.has(id) || (parent === null && imported === undefined);
  const candidates = own
    .filter(({ card }) => card.id !== champion.id && wasInForce(card))
    .sort((a, b) => Date.parse(b.card.createdAt) - Date.parse(a.card.createdAt));
  for (const { model } of candidates) {
    if ((await damageOf(model, environment)) === null) return model;
  }
  return null;
}

interface StoredCard {
  readonly card: ModelCard;
  readonly model: ModelRef;
}

/** Those that can be read. */
async function cardsOf(store: ArtefactStore): Promise<readonly StoredCard[]> {
  const uris = (await store.list('models/')).filter((uri) =>
    /^models\/[^/]+\/card\.json$/.test(uri),
  );
  const found: StoredCard[] = [];
  for (const uri of uris) {
    try {
      const bytes = await store.get(uri);
      const card = parseModelCard(bytes);
      // Putting what is there gives its reference.
      found.push({ card, model: modelRefOf(card, await store.put(uri, bytes)) });
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
  return found;
}
