import type { Stats } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import type { Logger } from 'pino';
import { datasetNames } from './dataset-names.ts';

/** A file as it was when it had stopped changing. */
export interface SettledFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly mtimeMs: number;
  /** differs as soon as the file was written to or replaced */
  readonly stamp: string;
}

export interface FolderWatchOptions {
  /** absolute path; created if it does not exist */
  readonly folder: string;
  /** which names count */
  readonly glob: string;
  /** a file counts as whole when it has not changed for this long */
  readonly settleMs: number;
  /** the folder is read again this often, for changes that were not reported */
  readonly rescanMs: number;
  /** look on a timer instead of waiting for reports of the file system */
  readonly polling: boolean;
  readonly logger: Logger;
  /** a settled file; the same one again at every rescan */
  readonly onSettled: (file: SettledFile) => void;
  readonly onGone: (path: string) => void;
}

/** A file is often created some time before its first bytes are written. */
const EMPTY_PATIENCE = 10;

/** Others wait for an unsettled older file only so long: it may be one that never stops growing. */
const ORDER_PATIENCE = 10;

const POLL_MS = 1_000;

interface Unsettled {
  readonly stamp: string;
  readonly mtimeMs: number;
  readonly foundAt: number;
  readonly timer: NodeJS.Timeout;
}

/** inode, size and mtime: an atomic rename changes the first, a write the others. */
export function stampOf(stats: Stats): string {
  return `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

/** Watches the dataset files directly in one folder. */
export class FolderWatch {
  private readonly options: FolderWatchOptions;
  private readonly isDatasetName: (name: string) => boolean;
  private readonly unsettled = new Map<string, Unsettled>();
  private readonly settled = new Map<string, string>();
  /** what was said of a path last, so that it is not said again at every rescan */
  private readonly complaints = new Map<string, string>();
  private watcher: FSWatcher | null = null;
  private rescanTimer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(options: FolderWatchOptions) {
    this.options = options;
    this.isDatasetName = datasetNames(options.glob);
  }

  /** Resolves when changes are noticed and the folder was read once. */
  async start(): Promise<void> {
    const { folder, polling } = this.options;
    await this.ensureFolder().catch((error: unknown) => {
      this.complain(folder, `cannot be created: ${String(error)}`);
    });
    const watcher = watch(folder, {
      depth: 0,
      ignoreInitial: true,
      usePolling: polling,
      interval: POLL_MS,
      ignored: (file) => path.resolve(file) !== folder && !this.isDatasetName(path.basename(file)),
    });
    this.watcher = watcher;
    watcher.on('add', this.notice).on('change', this.notice).on('unlink', this.forget);
    watcher.on('error', (error) => {
      this.complain(folder, `changes may be noticed late: ${String(error)}`);
    });
    await new Promise<void>((resolve) => watcher.once('ready', resolve));
    await this.rescan();
  }

  /** mtime of the oldest file that was found lately and may settle in a moment; Infinity if none. */
  oldestUnsettled(): number {
    const since = Date.now() - ORDER_PATIENCE * this.options.settleMs;
    let oldest = Infinity;
    for (const { foundAt, mtimeMs } of this.unsettled.values()) {
      if (foundAt >= since && mtimeMs < oldest) oldest = mtimeMs;
    }
    return oldest;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.rescanTimer);
    for (const { timer } of this.unsettled.values()) clearTimeout(timer);
    this.unsettled.clear();
    await this.watcher?.close();
  }

  /** A change was reported: the wait begins, or begins again. */
  private readonly notice = (file: string): void => {
    const known = this.unsettled.get(file);
    if (known === undefined) void this.look(file);
    else known.timer.refresh();
  };

  private readonly forget = (file: string): void => {
    clearTimeout(this.unsettled.get(file)?.timer);
    this.unsettled.delete(file);
    this.complaints.delete(file);
    if (this.settled.delete(file)) this.options.onGone(file);
  };

  private async look(file: string): Promise<void> {
    const stats = await this.statsOf(file);
    if (stats === null || this.unsettled.has(file)) return;
    if (this.settled.get(file) === stampOf(stats)) this.settle(file, stats);
    else this.wait(file, stats, Date.now());
  }

  private async lookAgain(file: string): Promise<void> {
    const stats = await this.statsOf(file);
    const before = this.unsettled.get(file);
    if (stats === null || before === undefined) return;
    if (before.stamp === stampOf(stats)) this.settle(file, stats);
    else this.wait(file, stats, before.foundAt);
  }

  private wait(file: string, stats: Stats, foundAt: number): void {
    const { settleMs } = this.options;
    const timer = setTimeout(
      () => void this.lookAgain(file),
      stats.size === 0 ? EMPTY_PATIENCE * settleMs : settleMs,
    );
    this.unsettled.set(file, { stamp: stampOf(stats), mtimeMs: stats.mtimeMs, foundAt, timer });
  }

  private settle(file: string, stats: Stats): void {
    const stamp = stampOf(stats);
    this.unsettled.delete(file);
    this.settled.set(file, stamp);
    this.options.onSettled({
      path: file,
      name: path.basename(file),
      bytes: stats.size,
      mtimeMs: stats.mtimeMs,
      stamp,
    });
  }

  /** null if the file is gone, is no file, or cannot be looked at */
  private async statsOf(file: string): Promise<Stats | null> {
    try {
      const stats = await stat(file);
      if (this.closed) return null;
      if (stats.isFile()) return stats;
      this.complain(file, 'is not a file; only files directly in the folder are taken');
    } catch (error) {
      if (this.closed) return null;
      if (!isMissing(error)) this.complain(file, `cannot be looked at: ${String(error)}`);
      this.forget(file);
    }
    return null;
  }

  private async rescan(): Promise<void> {
    const { folder, rescanMs } = this.options;
    try {
      await this.ensureFolder();
      const names = new Set((await readdir(folder)).filter(this.isDatasetName));
      for (const known of [...this.settled.keys(), ...this.unsettled.keys()]) {
        if (!names.has(path.basename(known))) this.forget(known);
      }
      await Promise.all([...names].map((name) => this.look(path.join(folder, name))));
      this.complaints.delete(folder);
    } catch (error) {
      this.complain(folder, `cannot be read, the next try is at the next rescan: ${String(error)}`);
    }
    if (!this.closed) this.rescanTimer = setTimeout(() => void this.rescan(), rescanMs);
  }

  private async ensureFolder(): Promise<void> {
    const { folder } = this.options;
    const created = await mkdir(folder, { recursive: true });
    // Reports end when a watched folder is removed; chokidar has to be told of the new one.
    if (created !== undefined) this.watcher?.add(folder);
  }

  private complain(subject: string, message: string): void {
    if (this.complaints.get(subject) === message) return;
    this.complaints.set(subject, message);
    this.options.logger.warn({ path: subject }, `${path.basename(subject)} ${message}`);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
