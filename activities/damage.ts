/** What a task does about things in the store that are damaged: it goes on without them, or makes them anew, and says so. */
import { isDamage } from '../store/artefact-store.ts';
import type { Damage } from '../workflows/contract.ts';
import type { Environment } from './environment.ts';

type Telling = Pick<Environment, 'store' | 'told'>;

/**
 * What `read` gives; null where what it reads is damaged or missing, which is told.
 * @param about the artefact, and what is done without it: a sentence without its stop
 */
export async function unlessDamaged<T>(
  environment: Telling,
  about: { readonly uri: string; readonly done: string },
  read: () => Promise<T>,
): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!isDamage(error)) throw error;
    await tellDamage(environment, about, error);
    return null;
  }
}

/** Tells of something damaged: what is wrong with it, since when that is known, and what is done about it. */
export async function tellDamage(
  { store, told }: Telling,
  { uri, done }: { readonly uri: string; readonly done: string },
  { message }: Error,
): Promise<void> {
  const since = await store.noticeDamage(uri, message);
  const sentence = `Damage in the store, noticed first at ${since}: ${message}. ${done}.`;
  if (!told.includes(sentence)) told.push(sentence);
}

/** What helps where only a backup does. */
export const FROM_BACKUP = 'Put it back from a backup of the store';

/** A task that has what it told of damage beside its result. */
export function telling<I, R extends object>(
  task: (input: I, environment: Environment) => Promise<R>,
): (input: I, environment: Environment) => Promise<R & Damage> {
  return async (input, environment) => {
    const told: string[] = [];
    return beside(await task(input, { ...environment, told }), told);
  };
}

/** What was found, with sentences about damage beside it, if there are any. */
export function beside<R extends object>(found: R, told: readonly string[]): R & Damage {
  const damage: Damage = told.length === 0 ? {} : { damage: told };
  return { ...found, ...damage };
}
