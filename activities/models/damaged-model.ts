import { ArtefactDamagedError, ArtefactMissingError } from '../../store/artefact-store.ts';

/** What belongs to a model is not in the store any more as it was stored. The message names the model and what is wrong. */
export class DamagedModelError extends Error {
  override name = 'DamagedModelError';
}

/** Whether an error says that something in the store is damaged or missing, and the store itself is there. */
export function isDamage(error: unknown): error is ArtefactDamagedError | ArtefactMissingError {
  return error instanceof ArtefactDamagedError || error instanceof ArtefactMissingError;
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
