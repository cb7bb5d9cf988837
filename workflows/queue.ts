/** The files that wait in a pipeline. */
import { jsonBytes, MAX_QUEUE_BYTES } from './carried-size.ts';
import {
  MAX_QUEUED,
  type DatasetFile,
  type OfferAnswer,
  type QueuedFile,
  type Request,
  type RunSummary,
} from './contract.ts';
import type { PipelineState } from './pipeline-state.ts';

/**
 * Queues the files that are neither queued, running nor among the recent runs, in order, until one finds no room. That
 * one and those after it are left: they stay in their folder and are offered again. One that came anew after a run that
 * says nothing final of it is queued again, unless there was another run since.
 * @param maxBytes of the queue as JSON
 */
export function takeIn(
  state: PipelineState,
  files: readonly DatasetFile[],
  maxBytes: number = MAX_QUEUE_BYTES,
): OfferAnswer {
  const { files: taken, known } = thoseThatFit(state, files, maxBytes);
  state.queue.push(...taken);
  state.revisions += taken.filter(({ revision }) => revision > 0).length;
  return { taken: taken.length, known, room: roomIn(state) };
}

/** What `takeIn` would answer. */
export function wouldTakeIn(state: PipelineState, files: readonly DatasetFile[]): OfferAnswer {
  const { files: taken, known } = thoseThatFit(state, files, MAX_QUEUE_BYTES);
  return { taken: taken.length, known, room: roomIn(state) };
}

function thoseThatFit(
  state: PipelineState,
  files: readonly DatasetFile[],
  maxBytes: number,
): { readonly files: readonly QueuedFile[]; readonly known: number } {
  const fitting: QueuedFile[] = [];
  const { waiting, ended } = knownFiles(state);
  let known = 0;
  let { revisions } = state;
  let bytes = jsonBytes(state.queue);
  for (const { rerunOf, ...file } of files) {
    const last = ended.get(file.sha256);
    if (waiting.has(file.sha256) || (last !== undefined && last > (rerunOf ?? -1))) {
      known += 1;
      continue;
    }
    const revision = rerunOf === undefined ? 0 : ++revisions;
    const queued = { file, revision, forced: null };
    bytes += jsonBytes(queued) + 1;
    const isFull = state.queue.length + fitting.length >= MAX_QUEUED || bytes > maxBytes;
    if (isFull || state.retiring !== null) break;
    waiting.add(file.sha256);
    fitting.push(queued);
  }
  return { files: fitting, known };
}

/** By sha256: the files that wait or are being run, and the latest revision of each that was run of late. */
function knownFiles({ queue, recent, running }: PipelineState): {
  readonly waiting: Set<string>;
  readonly ended: ReadonlyMap<string, number>;
} {
  const waiting = new Set(queue.map(({ file }) => file.sha256));
  if (running !== null) waiting.add(running.file.sha256);
  const ended = new Map<string, number>();
  for (const { sha256, revision } of recent) {
    ended.set(sha256, Math.max(revision, ended.get(sha256) ?? 0));
  }
  return { waiting, ended };
}

/** How many more files of the size of those that wait are taken in for certain. */
export function roomIn({ queue, retiring }: PipelineState): number {
  if (retiring !== null) return 0;
  const byCount = MAX_QUEUED - queue.length;
  const left = MAX_QUEUE_BYTES - jsonBytes(queue);
  const largest = Math.max(...queue.map(jsonBytes), 1);
  const byBytes = queue.length === 0 ? byCount : Math.floor(left / (largest + 1));
  return Math.max(0, Math.min(byCount, byBytes));
}

/**
 * Queues one more run of a file that already had one, before all others; `isLast`: after those of which that was asked
 * before.
 */
export function takeInAgain(
  state: PipelineState,
  { name, path, sha256, bytes, arrivedAt }: DatasetFile,
  forced: Request | null,
  isLast = false,
): QueuedFile {
  state.revisions += 1;
  const file = { name, path, sha256, bytes, arrivedAt };
  const again = { file, revision: state.revisions, forced };
  const first = state.queue.findIndex(({ revision }) => revision === 0);
  const before = first === -1 ? state.queue.length : first;
  state.queue.splice(isLast ? before : 0, 0, again);
  return again;
}

const MOST_NAME = 255;
const MOST_PATH = 4096;

/** What is wrong with a file that somebody names, maybe a tool that knows nothing of our types; null if nothing is. */
export function wrongFile(file: Partial<DatasetFile>, sha256: string): string | null {
  const { name, path, bytes, arrivedAt } = file;
  if (!/^[0-9a-f]{64}$/.test(sha256) || file.sha256 !== sha256) {
    return 'the sha256 of the file is not the one that is asked for';
  }
  if (typeof name !== 'string' || name === '' || name.length > MOST_NAME || name.includes('/')) {
    return `the name of the file has to be one without folders, of at most ${MOST_NAME} characters`;
  }
  if (typeof path !== 'string' || path === '' || path.length > MOST_PATH) {
    return `the path of the file has to be one of at most ${MOST_PATH} characters`;
  }
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) {
    return 'the size of the file has to be a whole number of bytes';
  }
  if (typeof arrivedAt !== 'string' || Number.isNaN(Date.parse(arrivedAt))) {
    return 'when the file arrived has to be a moment in ISO 8601';
  }
  return null;
}

/** The file that a run was of. */
export function fileOf({ fileName, path, sha256, bytes, arrivedAt }: RunSummary): DatasetFile {
  return { name: fileName, path, sha256, bytes, arrivedAt };
}
