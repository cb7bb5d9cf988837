import type { Installation } from './installation.ts';
import { descendantsOf, factsOf, secondsByThread } from './linux-processes.ts';
import type { Part } from './parts.ts';

/** Processor seconds so far, by who spent them. */
export type ProcessorTime = ReadonlyMap<string, number>;

/** Who the threads of a process are, by the names that they give themselves; others go by what is left. */
const THREADS: readonly (readonly [RegExp, string])[] = [
  [/^main thread$/, 'main thread'],
  [/^(tokio|core|temporal)/i, "threads of Temporal's core"],
  [/^(V8|DelayedTaskSche|libuv)/, 'threads of V8 and libuv'],
];
const OTHERS = 'other threads: compute, garbage collection, DuckDB';

/** What the parts that run have spent so far, the worker and its children in detail. */
export async function processorTime({
  parts,
}: Pick<Installation, 'parts'>): Promise<ProcessorTime> {
  const time = new Map<string, number>();
  const add = (who: string, seconds: number): void => {
    time.set(who, (time.get(who) ?? 0) + seconds);
  };
  const worker = parts.pid('worker');
  if (worker !== null) {
    await addProcess(worker, 'worker', add);
    for (const child of await descendantsOf(worker)) {
      await addProcess(child.pid, "worker's children", add);
    }
    add("worker's children, ended", (await factsOf(worker))?.endedChildrenSeconds ?? 0);
  }
  for (const part of ['server', 'watcher', 'web'] as const satisfies readonly Part[]) {
    const pid = parts.pid(part);
    if (pid !== null) add(part, (await factsOf(pid))?.seconds ?? 0);
  }
  return time;
}

async function addProcess(
  pid: number,
  name: string,
  add: (who: string, seconds: number) => void,
): Promise<void> {
  const whole = (await factsOf(pid))?.seconds ?? 0;
  let alive = 0;
  for (const [thread, seconds] of await secondsByThread(pid)) {
    const who = THREADS.find(([pattern]) => pattern.test(thread))?.[1] ?? OTHERS;
    add(`${name}, ${who}`, seconds);
    alive += seconds;
  }
  // The time of threads that have ended is only in that of their process.
  add(`${name}, threads that ended meanwhile`, Math.max(0, whole - alive));
}

/** Milliseconds a file between two moments, a row for each who spent any, the most first. */
export function timePerFile(
  before: ProcessorTime,
  after: ProcessorTime,
  files: number,
): readonly (readonly [string, number])[] {
  const rows = [...after].map(([who, seconds]): readonly [string, number] => [
    who,
    ((seconds - (before.get(who) ?? 0)) / files) * 1000,
  ]);
  return rows.filter(([, ms]) => ms >= 0.05).sort((a, b) => b[1] - a[1]);
}
