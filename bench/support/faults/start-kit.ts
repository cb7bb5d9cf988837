import type { RunSummary } from '../../../workflows/contract.ts';
import type { NpmStart } from '../npm-start.ts';
import type { FaultCase, Tried } from './fault-case.ts';

/** What the cases of one `npm start` share. */
export interface Kit {
  /** A case that is given the CalmOps that runs. */
  readonly named: (
    name: string,
    before: string,
    body: (calmops: NpmStart) => Promise<Tried>,
  ) => FaultCase;
  /** Drops a sound file, and waits for its outcome. */
  readonly sound: (calmops: NpmStart, name: string, seed: number) => Promise<RunSummary>;
  /** Whether the process that was started first still runs. */
  readonly lives: () => Promise<boolean>;
}
