/** What came of trying a fault again. */
export type Tried =
  | { readonly kind: 'tried'; readonly right: boolean; readonly now: string }
  | { readonly kind: 'not tried'; readonly why: string };

/** A fault that was found under attack, or an attack that was made, and how it is tried again. */
export interface FaultCase {
  readonly name: string;
  /** what happened when it was found */
  readonly before: string;
  readonly run: () => Promise<Tried>;
}

/** The outcome of a case by what was measured and whether that is right. */
export function tried(right: boolean, now: string): Tried {
  return { kind: 'tried', right, now };
}

/** A case that another command shows, or that cannot be tried where this one runs. */
export function notTried(name: string, before: string, why: string): FaultCase {
  return { name, before, run: () => Promise.resolve({ kind: 'not tried', why }) };
}
