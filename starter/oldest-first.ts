import type { SettledFile } from './watch-folder.ts';

/** Files that wait, one a name, taken out oldest first by when they were last changed, then by name. */
export class OldestFirst {
  private readonly byName = new Map<string, SettledFile>();
  /** oldest last; of files that were forgotten or replaced too; to be made anew when one was put */
  private sorted: SettledFile[] | null = null;

  get size(): number {
    return this.byName.size;
  }

  /** Takes a file in, in place of another one of its name. One that waits already is found again at every rescan. */
  put(file: SettledFile): void {
    if (this.byName.get(file.name)?.stamp === file.stamp) return;
    this.byName.set(file.name, file);
    this.sorted = null;
  }

  delete(name: string): void {
    this.byName.delete(name);
  }

  clear(): void {
    this.byName.clear();
    this.sorted = null;
  }

  /** Takes out the oldest files. @param count at most @param barrier mtime in ms above which none is taken */
  take(count: number, barrier: number): readonly SettledFile[] {
    this.sorted ??= [...this.byName.values()].sort(youngestFirst);
    const taken: SettledFile[] = [];
    for (let next = this.sorted.at(-1); next !== undefined; next = this.sorted.at(-1)) {
      if (taken.length === count || next.mtimeMs > barrier) break;
      this.sorted.pop();
      if (this.byName.get(next.name) !== next) continue;
      this.byName.delete(next.name);
      taken.push(next);
    }
    return taken;
  }
}

function youngestFirst(a: SettledFile, b: SettledFile): number {
  return b.mtimeMs - a.mtimeMs || (a.name < b.name ? 1 : -1);
}
