import { setTimeout } from 'node:timers/promises';

/** What one disturbance may have for itself: a part that it keeps away, or a folder that it moves. */
export interface Claims<T> {
  /** @returns what gives it back; null if another one has it */
  tryClaim(thing: T): (() => void) | null;
  /** Waits until it is free. @returns what gives it back */
  claim(thing: T): Promise<() => void>;
}

const POLL_MS = 50;

export function createClaims<T>(): Claims<T> {
  const taken = new Set<T>();
  const tryClaim = (thing: T): (() => void) | null => {
    if (taken.has(thing)) return null;
    taken.add(thing);
    return () => {
      taken.delete(thing);
    };
  };
  return {
    tryClaim,
    claim: async (thing) => {
      for (;;) {
        const release = tryClaim(thing);
        if (release !== null) return release;
        await setTimeout(POLL_MS);
      }
    },
  };
}
