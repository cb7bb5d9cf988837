import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../activities/environment.ts';
import { createRecentTables } from '../activities/datasets/recent-tables.ts';
import { openCheckpoints } from '../activities/training/checkpoints.ts';
import { shareDatabases } from '../data/duckdb.ts';
import { openLocalStore } from '../store/local-store.ts';

/** What the processes and threads that run tasks are told when they start. */
export interface TaskSettings {
  readonly storeFolder: string;
  readonly scratchFolder: string;
  readonly checkpointsFolder: string;
  readonly codeVersion: string;
  readonly fitMemory: Environment['fitMemory'];
}

/** Opens what tasks use. Called once in each process and thread that runs them. */
export function openEnvironment(settings: TaskSettings): Environment {
  const { storeFolder, scratchFolder, checkpointsFolder, codeVersion, fitMemory } = settings;
  const spillFolder = path.join(scratchFolder, 'spill');
  // A database makes its own folder in it, but none above that.
  mkdirSync(spillFolder, { recursive: true });
  shareDatabases({ folders: [storeFolder, scratchFolder], spillFolder });
  return {
    store: openLocalStore(storeFolder, { mustExist: true }),
    recentTables: createRecentTables(),
    checkpoints: openCheckpoints(checkpointsFolder),
    scratchFolder,
    codeVersion,
    fitMemory,
    told: [],
  };
}
