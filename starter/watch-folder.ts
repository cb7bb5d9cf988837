import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { hasCode } from '../core/error-code.ts';
import { datasetNames } from './dataset-names.ts';
import { FolderChanges } from './folder-changes.ts';

/** A file as it was when it had stopped changing. */
export interface SettledFile {
  /** in the watched folder */
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
  readonly onGone: (name: string) => void;
}

/** A file is often created some time before its first bytes are written. */
const EMPTY_PATIENCE = 10;

/** Others wait for an unsettled older file only so long: it may be one that never stops growing. */
const ORDER_PATIENCE = 10;

const POLL_MS = 1_000;

/** Files that are looked at at a time. */
const LOOKS_AT_A_TIME = 64;

/** Times are in ms of `performance.now`. */
interface Unsettled {
  readonly stamp: string;
  readonly mtimeMs: number;
  readonly foundAt: number;
  /** how long it is not to change */
  readonly waitMs: number;
  /** when it counts as whole, if it does not change until then */
  due: number;
}

/** Files that are due are looked for so many times in the time that a file takes to settle. */
const TICKS = 4;

/** inode, size and mtime: an atomic rename changes the first, a write the others. */
export function stampOf(stats: Stats): string {
  return `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

/** Stands for bytes of a name that are not UTF-8. */
const UNDECODED = '\uFFFD';

/**
 * Watches the dataset files directly in one folder. Of a file that has settled it holds its name and its stamp and nothing
 * else, since a folder may hold hundreds of thousands of them.
 */
export class FolderWatch {
  private readonly options: FolderWatchOptions;
  private readonly isDatasetName: (name: string) => boolean;
  /** by name */
  private readonly unsettled = new Map<string, Unsettled>();
  /** stamps by name */
  private readonly settled = new Map<string, string>();
  /** what was said of a path last, so that it is not said again at every rescan */
  private readonly complaints = new Map<string, string>();
  private readonly changes: FolderChanges;
  private offeredAt = -Infinity;
  private rescanTimer: NodeJS.Timeout | undefined;
  /** one for all files: a timer for each of them would take most of the memory while many wait */
  private settleTimer: NodeJS.Timeout | undefined;
  private isSettling = false;
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
        else if (this.isDatasetName(name)) this.notice(name);
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
    const now = performance.now();
    const patienceMs = ORDER_PATIENCE * this.options.settleMs;
    let oldest = Infinity;
    for (const { foundAt, waitMs, mtimeMs } of this.unsettled.values()) {
      // One that takes that long to settle is not growing, and is looked at some time after it is due.
      const isInTurn = now - foundAt <= Math.max(patienceMs, 2 * waitMs);
      if (isInTurn && mtimeMs < oldest) oldest = mtimeMs;
    }
    return oldest;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.rescanTimer);
    clearTimeout(this.settleTimer);
    this.unsettled.clear();
    this.changes.close();
  }

  /** A change was reported: the wait begins, or begins again. */
  private readonly notice = (name: string): void => {
    const known = this.unsettled.get(name);
    if (known === undefined) void this.look(name);
    else known.due = performance.now() + known.waitMs;
  };

  /** There is no such file any more. */
  private forget(name: string): void {
    this.complaints.delete(this.pathOf(name));
    this.leave(name);
  }

  /** What is there is not, or not any more, a file that is taken. */
  private leave(name: string): void {
    this.unsettled.delete(name);
    if (this.settled.delete(name)) this.options.onGone(name);
  }

  /** @param offers whether a file that has not changed since it settled is offered again */
  private async look(name: string, offers = true): Promise<void> {
    const stats = await this.statsOf(name);
    if (stats === null || this.unsettled.has(name)) return;
    const stamp = stampOf(stats);
    const settled = this.settled.get(name);
    if (settled !== stamp) this.wait(name, stamp, stats, performance.now());
    else if (offers) this.offer(name, settled, stats);
  }

  private async lookAgain(name: string): Promise<void> {
    const stats = await this.statsOf(name);
    const before = this.unsettled.get(name);
    if (stats === null || before === undefined) return;
    const stamp = stampOf(stats);
    if (before.stamp !== stamp) {
      this.wait(name, stamp, stats, before.foundAt);
      return;
    }
    this.unsettled.delete(name);
    this.settled.set(name, before.stamp);
    this.offer(name, before.stamp, stats);
  }

  private wait(name: string, stamp: string, { size, mtimeMs }: Stats, foundAt: number): void {
    const { settleMs } = this.options;
    const waitMs = size === 0 ? EMPTY_PATIENCE * settleMs : settleMs;
    const due = performance.now() + waitMs;
    this.unsettled.set(name, { stamp, mtimeMs, foundAt, waitMs, due });
    this.awaitDue();
  }

  private offer(name: string, stamp: string, { size, mtimeMs }: Stats): void {
    this.options.onSettled({ name, bytes: size, mtimeMs, stamp });
  }

  private awaitDue(): void {
    if (this.closed || this.isSettling || this.unsettled.size === 0) return;
    this.settleTimer ??= setTimeout(() => {
      this.settleTimer = undefined;
      void this.settleDue();
    }, this.options.settleMs / TICKS);
  }

  private async settleDue(): Promise<void> {
    this.isSettling = true;
    await forEachOf(this.dueNames(performance.now()), (name) => this.lookAgain(name));
    this.isSettling = false;
    this.awaitDue();
  }

  /** Those that came after it was asked for are not among them. */
  private *dueNames(now: number): Generator<string, void> {
    for (const [name, { due }] of this.unsettled) if (due <= now) yield name;
  }

  private pathOf(name: string): string {
    return path.join(this.options.folder, name);
  }

  /** null if the file is gone, is none that is taken, or cannot be looked at */
  private async statsOf(name: string): Promise<Stats | null> {
    const file = this.pathOf(name);
    try {
      const own = await lstat(file);
      const stats = own.isSymbolicLink() ? await this.statsOfLink(name) : own;
      if (this.closed || stats === null) return null;
      if (stats.isFile()) return stats;
      this.complain(file, 'is not a file; only files directly in the folder are taken');
      this.leave(name);
    } catch (error) {
      if (this.closed) return null;
      if (hasCode(error, 'ENOENT')) this.forget(name);
      else {
        this.complain(file, `cannot be looked at: ${String(error)}`);
        this.leave(name);
      }
    }
    return null;
  }

  private async statsOfLink(name: string): Promise<Stats | null> {
    const link = this.pathOf(name);
    const refused = (why: string): null => {
      this.complain(link, `is a symbolic link ${why}`);
      this.leave(name);
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
      if (hasCode(error, 'ENOENT')) return refused('that leads to no file');
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
      const names = this.namesAmong(await namesIn(folder));
      for (const known of [this.settled, this.unsettled]) {
        for (const name of known.keys()) if (!names.has(name)) this.forget(name);
      }
      await forEachOf(names.values(), async (name) => {
        if (!this.closed) await this.look(name, offers);
      });
      this.complaints.delete(folder);
    } catch (error) {
      this.complain(folder, `cannot be read, the next try is at the next rescan: ${String(error)}`);
    }
  }

  /** The names that count. One that is not UTF-8 cannot be handed on to anybody: it is said. */
  private namesAmong(found: readonly (string | Buffer)[]): ReadonlySet<string> {
    const names = new Set<string>();
    const present = new Set<string>();
    for (const each of found) {
      const name = each.toString();
      if (!this.isDatasetName(name)) continue;
      if (typeof each === 'string' || isUtf8(each)) names.add(name);
      else this.complain(...this.misnamed(each, present));
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
      this.namesAmong(await namesIn(this.options.folder));
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

/** The names in a folder: as text, or as their bytes if the text of any cannot stand for them. File system errors pass through. */
async function namesIn(folder: string): Promise<readonly (string | Buffer)[]> {
  const names = await readdir(folder);
  // Bytes take ten times the memory of text, and are needed only where a name is not UTF-8.
  if (!names.some((name) => name.includes(UNDECODED))) return names;
  return readdir(folder, { encoding: 'buffer' });
}

/** Does the work with each, some at a time: more would only wait in memory. */
async function forEachOf(
  names: IterableIterator<string>,
  work: (name: string) => Promise<void>,
): Promise<void> {
  const workOn = async (): Promise<void> => {
    for (const name of names) await work(name);
  };
  await Promise.all(Array.from({ length: LOOKS_AT_A_TIME }, workOn));
}

function hexOf(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
