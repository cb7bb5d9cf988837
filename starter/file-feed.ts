import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { hasCode } from '../core/error-code.ts';
import { DatasetGoneError } from '../data/dataset-gone.ts';
import type { FileIdentity } from '../data/hash-file.ts';
import { ArtefactDamagedError, type ArtefactStore } from '../store/artefact-store.ts';
import { MAX_BATCH, RERUNNABLE_OUTCOMES, type DatasetFile } from '../workflows/contract.ts';
import { ConfigurationRefusedError } from './intake.ts';
import { OldestFirst } from './oldest-first.ts';
import { latestRun, type RecordedRun } from './recorded-runs.ts';
import { stampOf, type SettledFile } from './watch-folder.ts';

export interface FileFeedOptions {
  readonly pipeline: string;
  /** where the files are; absolute */
  readonly folder: string;
  readonly store: ArtefactStore;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly identify: (path: string, file: SettledFile) => Promise<FileIdentity>;
  /** resolves when the files are the pipeline's business */
  readonly hand: (files: readonly DatasetFile[]) => Promise<void>;
  /** see `FolderWatch.oldestUnsettled` */
  readonly oldestUnsettled: () => number;
}

/** Files that settle within this time of each other travel together, in order of their mtime. */
const COLLECT_MS = 200;

/** A file whose outcome was not seen yet. */
interface KnownFile {
  readonly stamp: string;
  readonly sha256: string;
  readonly bytes: number;
  /** when it was written to, moved here, or given other rights last, in ms since the epoch */
  readonly changedMs: number;
  /** the revision of the run after which it was handed over to be run again; absent: it was not */
  rerunOf?: number;
  wasHanded: boolean;
}

/**
 * Turns settled files into dataset files and hands them over in batches, oldest first. What it remembers
 * only spares it work: after a restart it comes to the same end, since a file with a report is passed over
 * and the pipeline knows the files it has.
 */
export class FileFeed {
  private readonly options: FileFeedOptions;
  private readonly waiting = new OldestFirst();
  /** handed over earlier, no outcome seen yet; looked at only when nothing new waits */
  private readonly unanswered = new OldestFirst();
  /** by name */
  private readonly known = new Map<string, KnownFile>();
  /** stamps by name of the files whose report was seen in the store: there is nothing left to do */
  private readonly recorded = new Map<string, string>();
  /** stamps by name of the files that are being hashed or handed over just now */
  private readonly underWay = new Map<string, string>();
  private readonly complaints = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private draining: Promise<void> | null = null;
  private refused = false;

  constructor(options: FileFeedOptions) {
    this.options = options;
  }

  /** Takes a settled file in; one whose outcome is known, or that waits already, is passed over. */
  readonly offer = (file: SettledFile): void => {
    if (this.refused || this.options.signal.aborted) return;
    if (this.underWay.get(file.name) === file.stamp) return;
    if (this.recorded.get(file.name) === file.stamp) return;
    const known = this.known.get(file.name);
    const wasHanded = known?.stamp === file.stamp && known.wasHanded;
    (wasHanded ? this.unanswered : this.waiting).put(file);
    this.schedule();
  };

  /** The pipeline takes no files as it is; said once. */
  refuse(why: unknown): void {
    if (this.refused) return;
    this.refused = true;
    this.waiting.clear();
    this.unanswered.clear();
    const message = why instanceof Error ? why.message : String(why);
    this.options.logger.error(`${message} Its files are left where they are.`);
  }

  readonly forget = (name: string): void => {
    this.waiting.delete(name);
    this.unanswered.delete(name);
    this.known.delete(name);
    this.recorded.delete(name);
    this.complaints.delete(name);
  };

  /** Resolves when nothing is under way any more; to be called after the signal was aborted. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.draining;
  }

  /** @param waitMs for others that are to travel along */
  private schedule(waitMs = COLLECT_MS): void {
    if (this.draining !== null) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.draining = this.drain().then((taken) => {
        this.draining = null;
        const left = this.waiting.size + this.unanswered.size;
        if (left === 0 || this.options.signal.aborted) return;
        this.schedule(taken === MAX_BATCH ? 0 : COLLECT_MS);
      });
    }, waitMs);
  }

  /** Never rejects. @returns how many files were taken out of those that wait */
  private async drain(): Promise<number> {
    const fresh = this.waiting.size > 0;
    const batch = fresh ? this.nextBatch() : this.unanswered.take(MAX_BATCH, Infinity);
    for (const file of batch) this.underWay.set(file.name, file.stamp);
    try {
      await (fresh ? this.handBatch(batch) : this.handAgain(batch));
    } catch (error) {
      if (this.options.signal.aborted) return 0;
      if (error instanceof ConfigurationRefusedError) {
        this.refuse(error);
        return 0;
      }
      for (const file of batch) this.complain(file, 'could not be handed over', error);
    } finally {
      this.underWay.clear();
    }
    return batch.length;
  }

  /** The oldest files that wait, but none that is younger than one which may settle in a moment. */
  private nextBatch(): readonly SettledFile[] {
    return this.waiting.take(MAX_BATCH, this.options.oldestUnsettled());
  }

  private async handBatch(batch: readonly SettledFile[]): Promise<void> {
    const files = await this.withoutOutcome(await this.identifyAll(batch));
    if (files.length === 0) return;
    await this.options.hand(files);
    for (const file of files) this.noteHanded(file);
    const names = files.map(({ name }) => name);
    this.options.logger.info(
      { files: names },
      `Handed over ${names.length === 1 ? '1 file' : `${names.length} files`}`,
    );
  }

  /** A file that was handed over and has no outcome is on its way, unless the pipeline came to know nothing of it. */
  private async handAgain(batch: readonly SettledFile[]): Promise<void> {
    const files = await this.withoutOutcome(await this.identifyAll(batch));
    if (files.length > 0) await this.options.hand(files);
  }

  private async identifyAll(batch: readonly SettledFile[]): Promise<readonly DatasetFile[]> {
    const files: DatasetFile[] = [];
    for (const settled of batch) {
      const file = await this.identify(settled);
      if (file !== null) files.push(file);
    }
    return files;
  }

  /** null if the file is gone, is being written to again, or cannot be read */
  private async identify(settled: SettledFile): Promise<DatasetFile | null> {
    const { name, stamp } = settled;
    const path = join(this.options.folder, name);
    try {
      let known = this.known.get(name);
      if (known?.stamp !== stamp) {
        const identity = await this.options.identify(path, settled);
        const stats = await stat(path);
        // Written to meanwhile: the hash may be of neither version. The change is noticed as such.
        if (stampOf(stats) !== stamp) return null;
        known = { stamp, ...identity, changedMs: stats.ctimeMs, wasHanded: false };
        this.known.set(name, known);
      }
      this.complaints.delete(name);
      const { sha256, bytes } = known;
      return { name, path, sha256, bytes, arrivedAt: new Date().toISOString() };
    } catch (error) {
      if (!isMissing(error)) this.complain(settled, 'cannot be read', error);
      return null;
    }
  }

  /** Those that have no outcome yet, and those that came anew after one that says nothing final of them. */
  private async withoutOutcome(files: readonly DatasetFile[]): Promise<readonly DatasetFile[]> {
    const asked = await Promise.all(files.map((file) => this.unlessRecorded(file)));
    return asked.filter((file) => file !== null);
  }

  private async unlessRecorded(file: DatasetFile): Promise<DatasetFile | null> {
    const { pipeline, store } = this.options;
    try {
      const run = await latestRun(store, pipeline, file.sha256);
      if (run === null) return file;
      if (this.isToBeRunAgain(file, run)) return { ...file, rerunOf: run.revision };
    } catch (error) {
      if (!(error instanceof ArtefactDamagedError)) throw error;
      // It has its outcome, whatever that was.
      const remedy =
        'it is not run again by itself; put the report back from a backup, or: calmops reprocess';
      this.say(
        file,
        `${file.name} has a report that is damaged (${error.message}): ${remedy} --pipeline ${pipeline} ${file.name}`,
      );
    }
    this.noteRecorded(file);
    return null;
  }

  /**
   * A file that is there says that it is not gone. After another outcome that is not final it is run again if it was dropped
   * or changed since; once, whatever comes of it.
   */
  private isToBeRunAgain({ name }: DatasetFile, run: RecordedRun): boolean {
    const known = this.known.get(name);
    if (known === undefined || !RERUNNABLE_OUTCOMES.has(run.outcome)) return false;
    if (known.rerunOf !== undefined) return known.rerunOf === run.revision;
    if (run.outcome !== 'gone' && known.changedMs <= Date.parse(run.finishedAt)) return false;
    known.rerunOf = run.revision;
    return true;
  }

  private noteHanded({ name, sha256 }: DatasetFile): void {
    const known = this.known.get(name);
    if (known?.sha256 === sha256) known.wasHanded = true;
  }

  private noteRecorded({ name, sha256 }: DatasetFile): void {
    const known = this.known.get(name);
    if (known?.sha256 !== sha256) return;
    this.known.delete(name);
    this.recorded.set(name, known.stamp);
  }

  /** Once per file and reason; the file is offered again at the next rescan. */
  private complain(file: Pick<SettledFile, 'name'>, what: string, error: unknown): void {
    this.say(file, `${file.name} ${what}, it is tried again later: ${String(error)}`);
  }

  private say({ name }: Pick<SettledFile, 'name'>, message: string): void {
    if (this.complaints.get(name) === message) return;
    this.complaints.set(name, message);
    this.options.logger.warn({ path: join(this.options.folder, name) }, message);
  }
}

function isMissing(error: unknown): boolean {
  if (error instanceof DatasetGoneError) return true;
  return hasCode(error, 'ENOENT');
}
