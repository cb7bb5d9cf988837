import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FromProcess, TaskLimits, ToProcess } from './messages.ts';
import { ProcessEndedError, processEnd } from './process-ended.ts';

export interface ProcessPoolOptions {
  /** The module that each process runs; it calls `serveTasks`. */
  readonly file: URL;
  /** What each process is told before its first task; it is cloned. */
  readonly data: unknown;
  /** The environment of each process; absent: that of this one. */
  readonly env?: NodeJS.ProcessEnv;
  /** The most processes, which is the most tasks at a time. Further tasks wait in order. */
  readonly size: number;
  /** Processes that are kept though they have nothing to do, so that a task need not wait for one to start. */
  readonly ready: number;
  /** Nice value of the processes: 0 is normal, 19 the lowest priority. */
  readonly niceness?: number;
  /** A process that holds more than this after a task, in MB, is replaced. */
  readonly replaceAboveMb?: number;
  /** What a process writes to its standard error. */
  readonly onErrorOutput?: (text: string) => void;
  /** Called when a process is gone. */
  readonly onGone?: (pid: number) => void;
}

export interface TaskOptions {
  /** Ends the task, and the process with it. */
  readonly signal?: AbortSignal;
  readonly limits?: TaskLimits;
  readonly onProgress?: (value: unknown) => void;
  /** The process that ran the last task of this name is preferred: it may still hold what the task needs. */
  readonly near?: string;
}

/** Child processes that run tasks, one at a time each. A process that ends takes no other task with it. */
export interface ProcessPool {
  /**
   * @returns what the process replied
   * @throws ProcessEndedError if the process ended before it replied; the signal's reason if it was aborted
   */
  run(request: unknown, options?: TaskOptions): Promise<unknown>;
  /** Ends all processes, whatever they do, and waits until they are gone. */
  close(): Promise<void>;
}

/** Starts `ready` processes at once, and the others when tasks wait. */
export function startProcessPool(options: ProcessPoolOptions): ProcessPool {
  const pool = new Pool(options);
  for (let i = 0; i < options.ready; i++) pool.spawn();
  return pool;
}

interface Task {
  readonly request: unknown;
  readonly options: TaskOptions;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Member {
  readonly child: ChildProcess;
  readonly gone: Promise<void>;
  isReady: boolean;
  /** Whether a task has ended in it: one that has not may be unable to start at all. */
  isProven: boolean;
  task: Task | null;
  near: string | null;
}

class Pool implements ProcessPool {
  private readonly options: ProcessPoolOptions;
  private readonly members = new Set<Member>();
  private readonly waiting: Task[] = [];
  private isClosed = false;

  constructor(options: ProcessPoolOptions) {
    this.options = options;
  }

  run(request: unknown, options: TaskOptions = {}): Promise<unknown> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (this.isClosed) throw new Error('the processes that run tasks were ended');
      signal?.throwIfAborted();
      const abort = (): void => this.abort(task);
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          signal?.removeEventListener('abort', abort);
          settle(value);
        };
      const task: Task = { request, options, resolve: settled(resolve), reject: settled(reject) };
      signal?.addEventListener('abort', abort, { once: true });
      this.waiting.push(task);
      this.assign();
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const task of this.waiting.splice(0)) task.reject(new Error('the worker is stopping'));
    const all = [...this.members];
    for (const { child } of all) child.kill('SIGKILL');
    await Promise.all(all.map(({ gone }) => gone));
  }

  spawn(): void {
    const { file, data, env, niceness, onErrorOutput } = this.options;
    const child = fork(fileURLToPath(file), {
      serialization: 'advanced',
      ...(env && { env }),
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      execArgv: process.execArgv.filter((flag) => flag === '--enable-source-maps'),
    });
    let end: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      end = resolve;
    });
    const member: Member = {
      ...{ child, gone, isReady: false, isProven: false, task: null, near: null },
    };
    this.members.add(member);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => onErrorOutput?.(text));
    child.on('message', (message: FromProcess) => this.hear(member, message));
    child.once('error', (error) => {
      this.lose(member, error);
      end();
    });
    child.once('exit', (code, signal) => {
      const limits = member.task?.options.limits ?? null;
      this.lose(member, new ProcessEndedError(processEnd(code, signal, limits)));
      end();
    });
    if (child.pid !== undefined && niceness !== undefined) lowerPriority(child.pid, niceness);
    tell(child, { kind: 'start', data });
  }

  /** Gives waiting tasks to processes that are free, and starts more processes where there are too few. */
  private assign(): void {
    while (this.waiting.length > 0) {
      const member = this.freeFor(this.waiting[0]?.options.near);
      if (member === undefined) break;
      const task = this.waiting.shift();
      if (task === undefined) break;
      member.task = task;
      member.near = task.options.near ?? null;
      const { request, options } = task;
      tell(member.child, { kind: 'task', request, limits: options.limits ?? null });
    }
    const starting = [...this.members].filter(({ isReady }) => !isReady).length;
    const room = this.options.size - this.members.size;
    for (let i = 0; i < Math.min(room, this.waiting.length - starting); i++) this.spawn();
  }

  private freeFor(near: string | undefined): Member | undefined {
    const free = [...this.members].filter(({ isReady, task }) => isReady && task === null);
    return free.find((member) => near !== undefined && member.near === near) ?? free[0];
  }

  private hear(member: Member, message: FromProcess): void {
    switch (message.kind) {
      case 'ready':
        member.isReady = true;
        break;
      case 'progress':
        member.task?.options.onProgress?.(message.value);
        return;
      case 'done': {
        const { task } = member;
        member.task = null;
        member.isProven = true;
        task?.resolve(message.reply);
        if (message.memoryMb > (this.options.replaceAboveMb ?? Infinity)) {
          this.members.delete(member);
          member.child.disconnect();
          this.replenish();
        }
      }
    }
    this.assign();
  }

  /** A process is gone, or could not be started. */
  private lose(member: Member, error: Error): void {
    const { pid } = member.child;
    if (pid !== undefined) this.options.onGone?.(pid);
    if (!this.members.delete(member)) return;
    // One that never came to work would only be followed by others like it.
    const task = member.task ?? (member.isReady ? null : this.waiting.shift());
    task?.reject(error);
    if (this.isClosed) return;
    if (member.isProven || member.isReady) this.replenish();
    this.assign();
  }

  private replenish(): void {
    while (this.members.size < this.options.ready) this.spawn();
  }

  private abort(task: Task): void {
    const place = this.waiting.indexOf(task);
    if (place >= 0) this.waiting.splice(place, 1);
    task.reject(task.options.signal?.reason);
    for (const member of this.members) if (member.task === task) member.child.kill('SIGKILL');
  }
}

/** The process may have ended a moment ago, which its `exit` event tells. */
function tell(child: ChildProcess, message: ToProcess): void {
  if (child.connected) child.send(message, () => undefined);
}

/** A process that is already gone has no priority. */
function lowerPriority(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
