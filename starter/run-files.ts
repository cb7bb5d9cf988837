import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hashFile } from '../data/hash-file.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import { RERUNNABLE_OUTCOMES, type DatasetFile } from '../workflows/contract.ts';
import { latestRun } from './recorded-runs.ts';
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
  /** called again and again while outcomes are waited for; answers whether the pipeline has nothing to do */
  readonly onWaiting: (open: readonly DatasetFile[]) => Promise<boolean>;
  /** ms between two of these calls; 10 s when absent */
  readonly remarkMs?: number;
  readonly signal: AbortSignal;
}

/** A file that was named cannot be read. */
export class UnreadableFileError extends Error {
  override name = 'UnreadableFileError';
}

/** The pipeline has nothing to do, says that it has the file, and the store has no outcome of it. */
export class OutcomeMissingError extends Error {
  override name = 'OutcomeMissingError';
}

const POLL_MS = 250;
const REMARK_MS = 10_000;

/**
 * Runs files and waits for their outcomes. A file whose content has an outcome is not run again, unless that outcome says
 * nothing final of it.
 * @throws UnreadableFileError before anything is started; OutcomeMissingError if one will not come
 */
export async function runFiles(options: RunFilesOptions): Promise<readonly FileOutcome[]> {
  const { pipeline, store, hand } = options;
  const files = await Promise.all(options.paths.map(identify));
  const found = new Map<string, Omit<FileOutcome, 'file'>>();
  const open: DatasetFile[] = [];
  for (const file of files) {
    const run = await latestRun(store, pipeline, file.sha256);
    if (run === null) open.push(file);
    else if (RERUNNABLE_OUTCOMES.has(run.outcome)) open.push({ ...file, rerunOf: run.revision });
    else {
      const outcome = await readOutcome(store, pipeline, file.sha256, run.revision);
      if (outcome !== null) found.set(file.sha256, { outcome, known: true });
    }
  }
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
  { pipeline, store, hand, onWaiting, remarkMs = REMARK_MS, signal }: RunFilesOptions,
): AsyncGenerator<readonly [string, Outcome]> {
  let open = files;
  let wasIdle = false;
  for (let polls = 1; open.length > 0; polls++) {
    const isRemarked = polls % Math.ceil(remarkMs / POLL_MS) === 0;
    // Asked before the store is read: what ended in between is seen there.
    const isIdle = isRemarked && (await onWaiting(open));
    const left: DatasetFile[] = [];
    for (const file of open) {
      const outcome = await newOutcome(store, pipeline, file);
      if (outcome === null) left.push(file);
      else yield [file.sha256, outcome];
    }
    open = left;
    if (open.length === 0) return;
    if (isIdle && wasIdle) throw missing(pipeline, open);
    // It may have begun anew since, or lost the file otherwise.
    if (isIdle) await hand(open);
    if (isRemarked) wasIdle = isIdle;
    await delay(POLL_MS, undefined, { signal });
  }
}

function missing(pipeline: string, files: readonly DatasetFile[]): OutcomeMissingError {
  const names = files.map(({ name }) => name).join(', ');
  return new OutcomeMissingError(
    `Pipeline '${pipeline}' has nothing to do and says that it had ${names}, but the store has no outcome: its report was removed, or the workers have another store. Look at the pipeline's page, and have it processed again there.`,
  );
}

/** The outcome of the run that a file was handed over for; null while it has none. */
async function newOutcome(
  store: ArtefactStore,
  pipeline: string,
  { sha256, rerunOf = -1 }: DatasetFile,
): Promise<Outcome | null> {
  const run = await latestRun(store, pipeline, sha256);
  if (run === null || run.revision <= rerunOf) return null;
  return readOutcome(store, pipeline, sha256, run.revision);
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
