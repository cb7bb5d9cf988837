import { LIMIT_SIGNALS, type TaskLimits } from './messages.ts';

/**
 * How a process ended while it ran a task.
 *
 * - `memory`, `cpu`: it passed a limit of its task.
 * - `crash`: it ended by itself, by an error in native code, for want of heap or by an exit.
 * - `killed`: somebody else ended it, for example the kernel for want of memory, or an operator.
 */
export type ProcessEnd =
  | { readonly kind: 'memory'; readonly limitMb: number }
  | { readonly kind: 'cpu'; readonly limitSeconds: number }
  | { readonly kind: 'crash'; readonly how: string }
  | { readonly kind: 'killed'; readonly signal: string };

/** The process that ran a task ended before the task did. */
export class ProcessEndedError extends Error {
  override name = 'ProcessEndedError';
  readonly end: ProcessEnd;
  constructor(end: ProcessEnd) {
    super(describeEnd(end));
    this.end = end;
  }
}

/** Tells how a process ended from what the operating system says of it. */
export function processEnd(
  code: number | null,
  signal: NodeJS.Signals | null,
  limits: TaskLimits | null,
): ProcessEnd {
  if (signal === null) return { kind: 'crash', how: `exit code ${String(code)}` };
  if (limits !== null && signal === LIMIT_SIGNALS.memory) {
    return { kind: 'memory', limitMb: limits.memoryMb };
  }
  if (limits !== null && signal === LIMIT_SIGNALS.cpu) {
    return { kind: 'cpu', limitSeconds: limits.cpuSeconds };
  }
  return CRASHES.has(signal) ? { kind: 'crash', how: signal } : { kind: 'killed', signal };
}

/** The signals that a process brings upon itself. */
const CRASHES: ReadonlySet<string> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGTRAP',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGSYS',
]);

function describeEnd(end: ProcessEnd): string {
  switch (end.kind) {
    case 'memory':
      return `the process took more than ${end.limitMb} MB of memory and was ended`;
    case 'cpu':
      return `the process took more than ${end.limitSeconds} s of processor time and was ended`;
    case 'crash':
      return `the process crashed (${end.how})`;
    case 'killed':
      return `the process was ended from outside (${end.signal})`;
  }
}
