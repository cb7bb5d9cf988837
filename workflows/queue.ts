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
 * one and those after it are left: they stay in their folder and are offered again.
 * @param maxBytes of the queue as JSON
 */
export function takeIn(
  state: PipelineState,
  files: readonly DatasetFile[],
  maxBytes: number = MAX_QUEUE_BYTES,
): OfferAnswer {
  const { files: taken, known } = thoseThatFit(state, files, maxBytes);
  state.queue.push(...taken);
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
  const ids = knownIds(state);
  let known = 0;
  let bytes = jsonBytes(state.queue);
  for (const file of files) {
    if (ids.has(file.sha256)) {
      known += 1;
      continue;
    }
    const queued = { file, revision: 0, forced: null };
    bytes += jsonBytes(queued) + 1;
    const isFull = state.queue.length + fitting.length >= MAX_QUEUED || bytes > maxBytes;
    if (isFull || state.retiring !== null) break;
    ids.add(file.sha256);
    fitting.push(queued);
  }
  return { files: fitting, known };
}

function knownIds({ queue, recent, running }: PipelineState): Set<string> {
  const ids = new Set<string>();
  for (const queued of queue) ids.add(queued.file.sha256);
  for (const run of recent) ids.add(run.sha256);
  if (running !== null) ids.add(running.file.sha256);
  return ids;
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

/** Queues one more run of a file that already had one, before all others. */
export function takeInAgain(
  state: PipelineState,
  { name, path, sha256, bytes, arrivedAt }: DatasetFile,
  forced: Request | null,
): QueuedFile {
  state.revisions += 1;
  const file = { name, path, sha256, bytes, arrivedAt };
  const again = { file, revision: state.revisions, forced };
  state.queue.unshift(again);
  return again;
}

/** The file that a run was of. */
export function fileOf({ fileName, path, sha256, bytes, arrivedAt }: RunSummary): DatasetFile {
  return { name: fileName, path, sha256, bytes, arrivedAt };
}
