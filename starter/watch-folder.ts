import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { datasetNames } from './dataset-names.ts';
import { FolderChanges } from './folder-changes.ts';

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
  /** whether the files that symbolic links lead to are taken */
  readonly followSymlinks: boolean;
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

/** Files that are looked at at a time: more would only wait in memory. */
const LOOKS_AT_A_TIME = 64;

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

/** Stands for bytes of a name that are not UTF-8. */
const UNDECODED = '\uFFFD';

/** Watches the dataset files directly in one folder. */
export class FolderWatch {
  private readonly options: FolderWatchOptions;
  private readonly isDatasetName: (name: string) => boolean;
  private readonly unsettled = new Map<string, Unsettled>();
  private readonly settled = new Map<string, string>();
  /** what was said of a path last, so that it is not said again at every rescan */
  private readonly complaints = new Map<string, string>();
  private readonly changes: FolderChanges;
  private offeredAt = -Infinity;
  private rescanTimer: NodeJS.Timeout | undefined;
  private closed = false;
  private isSaying = false;

  constructor(options: FolderWatchOptions) {
    this.options = options;
    this.isDatasetName = datasetNames(options.glob);
    const { folder } = options;
    this.changes = new FolderChanges({
      folder,
      onChange: (name) => {
        if (name.includes(UNDECODED)) void this.sayMisnamed();
        else if (this.isDatasetName(name)) this.notice(path.join(folder, name));
      },
      onError: (error) => {
        this.complain(`${folder}/`, `is read only at rescans: ${String(error)}`);
      },
    });
  }

  /** Resolves when changes are noticed and the folder was read once. */
  async start(): Promise<void> {
    await this.rescan();
  }

  /** mtime of the oldest file that was found lately and may settle in a moment; Infinity if none. */
  oldestUnsettled(): number {
    const since = performance.now() - ORDER_PATIENCE * this.options.settleMs;
    let oldest = Infinity;
    for (const { foundAt, mtimeMs } of this.unsettled.values()) {
      if (foundAt >= since && mtimeMs < oldest) oldest = mtimeMs;
    }
    return oldest;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.rescanTimer);
    for (const { timer } of this.unsettled.values()) clearTimeout(timer);
    this.unsettled.clear();
    this.changes.close();
  }

  /** A change was reported: the wait begins, or begins again. */
  private readonly notice = (file: string): void => {
    const known = this.unsettled.get(file);
    if (known === undefined) void this.look(file);
    else known.timer.refresh();
  };

  /** There is no such file any more. */
  private forget(file: string): void {
    this.complaints.delete(file);
    this.leave(file);
  }

  /** What is there is not, or not any more, a file that is taken. */
  private leave(file: string): void {
    clearTimeout(this.unsettled.get(file)?.timer);
    this.unsettled.delete(file);
    if (this.settled.delete(file)) this.options.onGone(file);
  }

  /** @param offers whether a file that has not changed since it settled is offered again */
  private async look(file: string, offers = true): Promise<void> {
    const stats = await this.statsOf(file);
    if (stats === null || this.unsettled.has(file)) return;
    if (this.settled.get(file) !== stampOf(stats)) this.wait(file, stats, performance.now());
    else if (offers) this.settle(file, stats);
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

  /** null if the file is gone, is none that is taken, or cannot be looked at */
  private async statsOf(file: string): Promise<Stats | null> {
    try {
      const own = await lstat(file);
      const stats = own.isSymbolicLink() ? await this.statsOfLink(file) : own;
      if (this.closed || stats === null) return null;
      if (stats.isFile()) return stats;
      this.complain(file, 'is not a file; only files directly in the folder are taken');
      this.leave(file);
    } catch (error) {
      if (this.closed) return null;
      if (isMissing(error)) this.forget(file);
      else {
        this.complain(file, `cannot be looked at: ${String(error)}`);
        this.leave(file);
      }
    }
    return null;
  }

  private async statsOfLink(link: string): Promise<Stats | null> {
    const refused = (why: string): null => {
      this.complain(link, `is a symbolic link ${why}`);
      this.leave(link);
      return null;
    };
    if (!this.options.followSymlinks) {
      return refused(
        'and is not followed: put the file itself there, or set files.followSymlinks: true in pipeline.yaml',
      );
    }
    try {
      return await stat(link);
    } catch (error) {
      if (isMissing(error)) return refused('that leads to no file');
      throw error;
    }
  }

  private async rescan(): Promise<void> {
    await this.readFolder();
    const { polling, rescanMs } = this.options;
    const waitMs = polling ? Math.min(POLL_MS, rescanMs) : rescanMs;
    if (!this.closed) this.rescanTimer = setTimeout(() => void this.rescan(), waitMs);
  }

  private async readFolder(): Promise<void> {
    const { folder, polling, rescanMs } = this.options;
    const offers = performance.now() - this.offeredAt >= rescanMs;
    if (offers) this.offeredAt = performance.now();
    try {
      await mkdir(folder, { recursive: true });
      if (!polling) await this.changes.attach();
      const names = this.namesAmong(await readdir(folder, { encoding: 'buffer' }));
      for (const known of [...this.settled.keys(), ...this.unsettled.keys()]) {
        if (!names.has(path.basename(known))) this.forget(known);
      }
      const looks = names.values();
      const lookOn = async (): Promise<void> => {
        for (const name of looks) {
          if (this.closed) return;
          await this.look(path.join(folder, name), offers);
        }
      };
      await Promise.all(Array.from({ length: LOOKS_AT_A_TIME }, lookOn));
      this.complaints.delete(folder);
    } catch (error) {
      this.complain(folder, `cannot be read, the next try is at the next rescan: ${String(error)}`);
    }
  }

  /** The names that count. One that is not UTF-8 cannot be handed on to anybody: it is said. */
  private namesAmong(found: readonly Buffer[]): ReadonlySet<string> {
    const names = new Set<string>();
    const present = new Set<string>();
    for (const bytes of found) {
      const name = bytes.toString('utf8');
      if (!this.isDatasetName(name)) continue;
      if (isUtf8(bytes)) names.add(name);
      else this.complain(...this.misnamed(bytes, present));
    }
    for (const subject of this.complaints.keys()) {
      const name = path.basename(subject);
      const isOfFolder = path.resolve(subject) === this.options.folder;
      if (!isOfFolder && !names.has(name) && !present.has(name)) this.complaints.delete(subject);
    }
    return names;
  }

  /** A report holds the name as text, from which its bytes cannot be told: they are read. */
  private async sayMisnamed(): Promise<void> {
    if (this.isSaying) return;
    this.isSaying = true;
    try {
      this.namesAmong(await readdir(this.options.folder, { encoding: 'buffer' }));
    } catch (error) {
      this.complain(this.options.folder, `cannot be read: ${String(error)}`);
    } finally {
      this.isSaying = false;
    }
  }

  private misnamed(bytes: Buffer, present: Set<string>): [subject: string, message: string] {
    const readable = bytes.toString('latin1').replace(/[^ -~]/g, hexOf);
    present.add(readable);
    return [
      path.join(this.options.folder, readable),
      `is not taken, since its name is not UTF-8 (bytes ${bytes.toString('hex')}): rename it`,
    ];
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

function hexOf(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
