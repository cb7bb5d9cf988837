import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { descendantsOf, isAlive, type ProcessFacts } from './linux-processes.ts';

/** The parts of an installation that run as processes of their own. */
export const PARTS = [
  'server',
  'worker',
  'secondWorker',
  'watcher',
  'secondWatcher',
  'web',
] as const;
export type Part = (typeof PARTS)[number];

/** What parts are ended with: as by a crash, or as by a deployment. */
export type EndSignal = 'SIGKILL' | 'SIGTERM';

/** How a process of a part ended. */
export interface EndOfPart {
  readonly part: Part;
  readonly pid: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** what it was sent; null: it ended by itself */
  readonly asked: EndSignal | null;
  /** it did not end within the grace time after SIGTERM, and was killed */
  readonly overdue: boolean;
  readonly livedMs: number;
  /** its children at the moment of the signal, which are to end too */
  readonly children: readonly ProcessFacts[];
}

/** The processes of an installation. What they print is in `<folder>/<part>.log`. */
export interface Parts {
  /** Starts a part, which is then to run: supervised, it is started again when it ends by itself. */
  start(part: Part, environment?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends a part, if it runs, and waits until it is gone; it stays away until it is started. */
  end(part: Part, signal: EndSignal): Promise<void>;
  /** null while the part does not run */
  pid(part: Part): number | null;
  /** Every end of a process so far, in order. */
  readonly ends: readonly EndOfPart[];
}

export interface PartsOptions {
  /** where commands are run */
  readonly cwd: string;
  /** where logs are written */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly commands: Readonly<Record<Part, readonly [string, ...string[]]>>;
  /** whether parts that end by themselves are started again after a second, as a process manager does */
  readonly supervised: boolean;
  /** resolves when the server answers */
  readonly untilServing: () => Promise<void>;
}

/** How long a part may take to end after SIGTERM; the worker's own grace time is below. */
const GRACE_MS = 90_000;
const RESTART_MS = 1_000;

interface Running {
  readonly child: ChildProcess;
  readonly startedAt: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly gone: Promise<unknown>;
  asked: EndSignal | null;
  overdue: boolean;
  children: readonly ProcessFacts[];
}

export function createParts(options: PartsOptions): Parts {
  const running = new Map<Part, Running>();
  const ends: EndOfPart[] = [];

  /** @param replaces the process that ended by itself, if it is still the part's: it may have been ended for good since */
  async function launch(
    part: Part,
    environment: Readonly<Record<string, string>>,
    replaces?: Running,
  ): Promise<void> {
    const log = createWriteStream(path.join(options.folder, `${part}.log`), { flags: 'a' });
    await once(log, 'open');
    if (replaces !== undefined && running.get(part) !== replaces) {
      log.close();
      return;
    }
    const [command, ...args] = options.commands[part];
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...options.environment, ...environment },
      stdio: ['ignore', log, log],
    });
    const process: Running = {
      ...{ child, environment, startedAt: performance.now() },
      ...{ gone: once(child, 'exit'), asked: null, overdue: false, children: [] },
    };
    running.set(part, process);
    child.once('exit', (code, signal) => {
      log.close();
      recordEnd(part, process, { code, signal });
    });
    await once(child, 'spawn');
  }

  function recordEnd(part: Part, process: Running, how: Pick<EndOfPart, 'code' | 'signal'>): void {
    const { child, asked, overdue, children, startedAt, environment } = process;
    const livedMs = performance.now() - startedAt;
    ends.push({ part, pid: child.pid ?? 0, ...how, asked, overdue, livedMs, children });
    if (asked !== null || running.get(part) !== process) return;
    if (!options.supervised) {
      running.delete(part);
      return;
    }
    void setTimeout(RESTART_MS).then(() => launch(part, environment, process));
  }

  return {
    start: async (part, environment = {}) => {
      await launch(part, environment);
      if (part === 'server') await options.untilServing();
    },
    end: async (part, signal) => {
      const process = running.get(part);
      running.delete(part);
      if (process === undefined || hasEnded(process.child)) return;
      process.children = await descendantsOf(process.child.pid ?? 0);
      process.asked = signal;
      process.child.kill(signal);
      // A stopped process takes in no other signal than SIGKILL until it goes on.
      process.child.kill('SIGCONT');
      await endOf(process);
    },
    pid: (part) => {
      const child = running.get(part)?.child;
      return child === undefined || hasEnded(child) ? null : (child.pid ?? null);
    },
    ends,
  };
}

/** Waits for the end that was asked for, at most for the grace time. */
async function endOf(process: Running): Promise<void> {
  const patience = new AbortController();
  const late = setTimeout(GRACE_MS, 'late', { signal: patience.signal }).catch(() => 'in time');
  const first = await Promise.race([process.gone.then(() => 'in time'), late]);
  patience.abort();
  if (first !== 'late') return;
  process.overdue = true;
  process.child.kill('SIGKILL');
  await process.gone;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** The children that are still there although their process ended some time ago. */
export async function orphansOf(ends: readonly EndOfPart[]): Promise<readonly ProcessFacts[]> {
  const children = ends.flatMap((end) => end.children);
  const alive = await Promise.all(children.map(isAlive));
  return children.filter((_, i) => alive[i]);
}
