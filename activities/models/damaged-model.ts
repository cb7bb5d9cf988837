import { isDamage } from '../../store/artefact-store.ts';

/** What belongs to a model is not in the store any more as it was stored. The message names the model and what is wrong. */
export class DamagedModelError extends Error {
  override name = 'DamagedModelError';
}

/**
 * Reads something that belongs to a model.
 * @throws DamagedModelError if it is damaged or missing
 */
export async function readOfModel<T>(id: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new DamagedModelError(`model ${id} is damaged: ${error.message}`, { cause: error });
  }
}
