/** What was heard of Temporal last, and how fresh it is. */
import { LastKnown } from './last-known.ts';
import { EndedWorkflowError, UnansweredError, UnknownWorkflowError } from './temporal.ts';

/** Why what is shown may be out of date. */
export interface Stale {
  /** why, for people */
  readonly why: string;
  /** ISO 8601, when it was last known to be so; null when it was never heard */
  readonly asOf: string | null;
  /** the workflow has ended: what it was like before is no longer so */
  readonly ended?: true;
  /** who did not answer */
  readonly who?: UnansweredError['who'];
}

/** A value with how fresh it is. */
export interface Known<T> {
  readonly value: T;
  readonly stale: Stale | null;
}

const REMEMBERED = 500;
const SILENCE_MS = 3000;

/** What was heard last, for when nobody answers. */
export class Memory {
  readonly #known = new LastKnown<{ readonly value: unknown; readonly at: string }>(REMEMBERED);
  readonly #now: () => Date;
  /** a server that did not answer is not waited for again at once: every read of a page would */
  #silence: { readonly until: number; readonly why: string } | null = null;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /**
   * The answer, or else the one before with why it is stale; a stale null when there was none.
   * Null when there is no such workflow.
   */
  async latest<T>(key: string, read: () => Promise<T>): Promise<Known<T | null> | null> {
    const silence = this.#silence;
    if (silence !== null && this.#now().getTime() < silence.until) {
      return this.recall<T>(key, silence.why, 'server');
    }
    try {
      const value = await read();
      this.#known.set(key, { value, at: this.#now().toISOString() });
      return { value, stale: null };
    } catch (error) {
      if (error instanceof UnknownWorkflowError) return null;
      if (error instanceof EndedWorkflowError) {
        return { value: null, stale: { why: error.message, asOf: null, ended: true } };
      }
      if (!(error instanceof UnansweredError)) throw error;
      if (error.who === 'server') {
        const until = this.#now().getTime() + SILENCE_MS;
        this.#silence = { until, why: error.message };
      }
      return this.recall<T>(key, error.message, error.who);
    }
  }

  private recall<T>(key: string, why: string, who: UnansweredError['who']): Known<T | null> {
    const known = this.#known.get(key);
    // Only `latest` writes, and each key is read with one type.
    const value = known === undefined ? null : (known.value as T);
    return { value, stale: { why, asOf: known?.at ?? null, who } };
  }
}
