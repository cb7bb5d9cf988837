import type { Checkpoints } from './checkpoints.ts';

/**
 * What of one training is finished. It is kept for a later attempt whenever about a second of the training would be lost
 * without, however little each part took; a training that takes less than that writes nothing.
 */
export interface FinishedParts {
  /** Begins or goes on with a piece of the training's work: a fit, a search, trials of modes. */
  of(work: string): FinishedPartsOfWork;
  /** Waits until nothing is being written, successfully or not. */
  settled(): Promise<void>;
  /** Forgets what was kept of all work that was begun: the training has ended. */
  remove(): Promise<void>;
}

export interface FinishedPartsOfWork {
  /**
   * Takes in a part that is finished.
   * @param encode makes its bytes when they are to be kept
   * @throws InfrastructureError if it was to be kept with others and cannot
   */
  add(part: string, encode: () => Uint8Array): Promise<void>;
}

/** Begins a training: the time that can be lost is counted from now. */
export function createFinishedParts(checkpoints: Checkpoints): FinishedParts {
  const begun = new Set<string>();
  const writing = new Set<Promise<void>>();
  let unkept = new Map<string, Map<string, () => Uint8Array>>();
  let keptAt = performance.now();

  async function keepAll(works: typeof unkept): Promise<void> {
    for (const [work, parts] of works) {
      const encoded = [...parts].map(([part, encode]) => [part, encode()] as const);
      await checkpoints.keep(work, new Map(encoded));
    }
  }

  return {
    of: (work) => {
      begun.add(work);
      return {
        add: async (part, encode) => {
          const parts = unkept.get(work) ?? new Map<string, () => Uint8Array>();
          unkept.set(work, parts.set(part, encode));
          if (performance.now() - keptAt < checkpoints.worthMs) return;
          const written = keepAll(unkept);
          unkept = new Map();
          keptAt = performance.now();
          writing.add(written);
          await written.finally(() => writing.delete(written));
        },
      };
    },
    settled: async () => {
      await Promise.allSettled(writing);
    },
    remove: async () => {
      for (const work of begun) await checkpoints.remove(work);
    },
  };
}
