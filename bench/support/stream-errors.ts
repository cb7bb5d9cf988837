import { createRandom, deriveSeed } from '../../core/random.ts';

/** What a classifier did, row by row, and where the world changed. */
export interface ErrorStream {
  /** 1 = error, 0 = right */
  readonly errors: Float64Array;
  /** first row of the new concept, and first row of nothing but the new concept */
  readonly change: { readonly start: number; readonly end: number };
}

export interface ErrorRates {
  /** rows with the first error rate, and from the start of the change on */
  readonly before: number;
  readonly after: number;
  readonly from: number;
  readonly to: number;
  /** rows over which the rate rises from one to the other, linearly; 0 = at once */
  readonly transition: number;
}

/** Independent errors whose rate changes once. */
export function generateErrors(rates: ErrorRates, seed: number): ErrorStream {
  const { before, after, from, to, transition } = rates;
  const random = createRandom(deriveSeed(seed, 0));
  const errors = Float64Array.from({ length: before + after }, (_, i) => {
    const passed = i < before ? 0 : transition === 0 ? 1 : Math.min(1, (i - before) / transition);
    return random() < from + (to - from) * passed ? 1 : 0;
  });
  return { errors, change: { start: before, end: before + transition } };
}
