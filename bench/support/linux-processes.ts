import { readdir, readFile } from 'node:fs/promises';

/** What Linux tells of a process in `/proc/<pid>/stat`. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** ticks after the start of the machine: with the id it names a process for good, since ids are given again */
  readonly startedAt: number;
  /** processor seconds of its own threads so far */
  readonly seconds: number;
  /** processor seconds of its children that have ended and were waited for */
  readonly endedChildrenSeconds: number;
  /** it has ended, and its parent has not asked for its exit code */
  readonly isZombie: boolean;
}

/** Ticks in a second: `USER_HZ`, which Linux fixes for programs on every common architecture. */
const TICKS = 100;

/** Whether processes can be looked at as here: on Linux. */
const canLook: boolean = process.platform === 'linux';

/** null if there is no such process. */
export async function factsOf(pid: number): Promise<ProcessFacts | null> {
  return parseStat(await readOrNull(`/proc/${pid}/stat`));
}

/** Every process of the machine that may be looked at. */
async function allProcesses(): Promise<readonly ProcessFacts[]> {
  if (!canLook) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const facts = await Promise.all(pids.map(factsOf));
  return facts.filter((each) => each !== null);
}

/** The children of a process, their children and so on, without the process itself. */
export async function descendantsOf(pid: number): Promise<readonly ProcessFacts[]> {
  const all = await allProcesses();
  const found: ProcessFacts[] = [];
  const parents = [pid];
  for (let next = parents.shift(); next !== undefined; next = parents.shift()) {
    for (const each of all) {
      if (each.parent !== next) continue;
      found.push(each);
      parents.push(each.pid);
    }
  }
  return found;
}

/** Processes that were started with this text somewhere in their environment or arguments. */
export async function processesWith(text: string): Promise<readonly ProcessFacts[]> {
  const all = await allProcesses();
  const hold = await Promise.all(
    all.map(async ({ pid, isZombie }) => {
      if (pid === process.pid || isZombie) return false;
      const [environment, command] = await Promise.all([
        readOrNull(`/proc/${pid}/environ`),
        readOrNull(`/proc/${pid}/cmdline`),
      ]);
      return (environment ?? '').includes(text) || (command ?? '').includes(text);
    }),
  );
  return all.filter((_, i) => hold[i]);
}

/** Whether the very process of these facts is still there and has not ended. */
export async function isAlive({ pid, startedAt }: ProcessFacts): Promise<boolean> {
  const now = await factsOf(pid);
  return now !== null && now.startedAt === startedAt && !now.isZombie;
}

/**
 * MB of memory that count for a process: its proportional set size, in which a page that is shared by n processes
 * counts for an n-th in each of them, so that the sum over processes counts it once. The resident set size where
 * the proportional one may not be read, null where the process is gone.
 */
export async function memoryMb(pid: number): Promise<number | null> {
  const rollup = await readOrNull(`/proc/${pid}/smaps_rollup`);
  const status = rollup ?? (await readOrNull(`/proc/${pid}/status`));
  const kilobytes = /^(?:Pss|VmRSS):\s+(\d+) kB$/m.exec(status ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

/** The same of a process and all of its descendants; null where the process is gone. */
export async function treeMemoryMb(pid: number): Promise<number | null> {
  const own = await memoryMb(pid);
  if (own === null) return null;
  const children = await Promise.all(
    (await descendantsOf(pid)).map((child) => memoryMb(child.pid)),
  );
  return children.reduce<number>((sum, each) => sum + (each ?? 0), own);
}

/** Processor seconds of the threads of a process that are alive, by the names that they gave themselves. */
export async function secondsByThread(pid: number): Promise<ReadonlyMap<string, number>> {
  const seconds = new Map<string, number>();
  for (const thread of await namesIn(`/proc/${pid}/task`)) {
    const facts = parseStat(await readOrNull(`/proc/${pid}/task/${thread}/stat`));
    if (facts === null) continue;
    const name = Number(thread) === pid ? 'main thread' : facts.name;
    seconds.set(name, (seconds.get(name) ?? 0) + facts.seconds);
  }
  return seconds;
}

/** Seconds of a process and of all its descendants, those that have ended included. */
export async function treeSeconds(pid: number): Promise<number> {
  const all = [await factsOf(pid), ...(await descendantsOf(pid))];
  return all.reduce(
    (sum, facts) => sum + (facts === null ? 0 : facts.seconds + facts.endedChildrenSeconds),
    0,
  );
}

/** By proc_pid_stat(5); the name is in brackets and may itself hold brackets and spaces. */
function parseStat(stat: string | null): ProcessFacts | null {
  if (stat === null) return null;
  const [pid, name] = [
    Number.parseInt(stat, 10),
    stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
  ];
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // The first of these is the third field of the manual page.
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    pid,
    parent: field(4),
    name,
    startedAt: field(22),
    seconds: (field(14) + field(15)) / TICKS,
    endedChildrenSeconds: (field(16) + field(17)) / TICKS,
    isZombie: fields[0] === 'Z' || fields[0] === 'X',
  };
}

/** null if the process is gone or may not be looked at. */
async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM';
}
