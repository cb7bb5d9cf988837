import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface FolderChangesOptions {
  /** absolute path */
  readonly folder: string;
  /** something happened to the entry of this name */
  readonly onChange: (name: string) => void;
  /** changes are not reported until the next `attach` */
  readonly onError: (error: unknown) => void;
}

/**
 * The system's reports of changes directly in one folder. It takes one watch a folder, however many files are in it; a
 * watch for each file would take hundreds of megabytes at ten thousands of them, and more watches than a system gives.
 */
export class FolderChanges {
  private readonly options: FolderChangesOptions;
  private watcher: FSWatcher | null = null;
  /** which folder is watched: another one may have come to its place, such as a file system that was mounted there */
  private watched = '';
  private closed = false;

  constructor(options: FolderChangesOptions) {
    this.options = options;
  }

  /** Watches the folder that is at its place now, unless it is watched already. File system errors pass through. */
  async attach(): Promise<void> {
    const { folder, onChange, onError } = this.options;
    const { dev, ino } = await stat(folder);
    const found = `${dev}:${ino}`;
    if (this.closed || (this.watcher !== null && this.watched === found)) return;
    this.watcher?.close();
    this.watcher = null;
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name !== null) onChange(name);
      });
      watcher.on('error', (error) => {
        watcher.close();
        if (this.watcher === watcher) this.watcher = null;
        onError(error);
      });
      this.watcher = watcher;
      this.watched = found;
    } catch (error) {
      // Such as a system's limit of watches: what is not reported is found at the next look.
      onError(error);
    }
  }

  close(): void {
    this.closed = true;
    this.watcher?.close();
  }
}
