import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hashFile } from '../data/hash-file.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import type { DatasetFile } from '../workflows/contract.ts';
import { readOutcome, type Outcome } from './run-outcome.ts';

/** A file, how its run ended, and whether that had been recorded before. */
export interface FileOutcome {
  readonly file: DatasetFile;
  readonly outcome: Outcome;
  readonly known: boolean;
}

export interface RunFilesOptions {
  readonly pipeline: string;
  /** in the order in which the pipeline is to take them */
  readonly paths: readonly string[];
  readonly store: ArtefactStore;
  /** resolves when the files are the pipeline's business */
  readonly hand: (files: readonly DatasetFile[]) => Promise<void>;
  /** called again and again while outcomes are waited for */
  readonly onWaiting: (open: readonly DatasetFile[]) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A file that was named cannot be read. */
export class UnreadableFileError extends Error {
  override name = 'UnreadableFileError';
}

const POLL_MS = 250;
const POLLS_BETWEEN_REMARKS = 40;

/**
 * Runs files and waits for their outcomes. A file whose content has an outcome is not run again.
 * @throws UnreadableFileError before anything is started
 */
export async function runFiles(options: RunFilesOptions): Promise<readonly FileOutcome[]> {
  const { pipeline, store, hand } = options;
  const files = await Promise.all(options.paths.map(identify));
  const found = new Map<string, Omit<FileOutcome, 'file'>>();
  for (const { sha256 } of files) {
    const outcome = await readOutcome(store, pipeline, sha256);
    if (outcome !== null) found.set(sha256, { outcome, known: true });
  }
  const open = files.filter(({ sha256 }) => !found.has(sha256));
  if (open.length > 0) await hand(open);
  for await (const [sha256, outcome] of outcomesOf(open, options)) {
    found.set(sha256, { outcome, known: false });
  }
  return files.flatMap((file) => {
    const end = found.get(file.sha256);
    return end === undefined ? [] : [{ file, ...end }];
  });
}

/** That its report exists means that a run has its outcome, whether or not a worker is up to say so. */
async function* outcomesOf(
  files: readonly DatasetFile[],
  { pipeline, store, onWaiting, signal }: RunFilesOptions,
): AsyncGenerator<readonly [string, Outcome]> {
  let open = files;
  for (let polls = 1; open.length > 0; polls++) {
    const left: DatasetFile[] = [];
    for (const file of open) {
      const outcome = await readOutcome(store, pipeline, file.sha256);
      if (outcome === null) left.push(file);
      else yield [file.sha256, outcome];
    }
    open = left;
    if (open.length === 0) return;
    if (polls % POLLS_BETWEEN_REMARKS === 0) await onWaiting(open);
    await delay(POLL_MS, undefined, { signal });
  }
}

async function identify(given: string): Promise<DatasetFile> {
  const file = path.resolve(given);
  try {
    const { sha256, bytes } = await hashFile(file);
    const arrivedAt = new Date().toISOString();
    return { name: path.basename(file), path: file, sha256, bytes, arrivedAt };
  } catch (error) {
    throw new UnreadableFileError(`${given} cannot be read: ${String(error)}`, { cause: error });
  }
}
