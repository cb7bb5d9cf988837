import type { Memory } from './known.ts';
import type { Published } from './published.ts';
import type { TemporalReader } from './temporal.ts';

/** Whom the queries ask. */
export interface Ask {
  readonly temporal: TemporalReader;
  readonly memory: Memory;
  readonly published: Published;
  readonly now: () => Date;
}
