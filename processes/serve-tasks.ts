import { Worker } from 'node:worker_threads';
import { LIMIT_SIGNALS, type FromProcess, type TaskLimits, type ToProcess } from './messages.ts';

/** Runs a task. It does not reject: what goes wrong is a reply, and anything else ends the process. */
export type TaskHandler = (
  request: unknown,
  report: (progress: unknown) => void,
) => Promise<unknown>;

/**
 * The main loop of a process that a pool started: runs one task after another until the parent closes the channel.
 * @param begin is given the data of the pool once, before the first task
 */
export function serveTasks(begin: (data: unknown) => TaskHandler): void {
  let handle: TaskHandler | null = null;
  const watchdog = startWatchdog();
  // A Ctrl-C in the terminal reaches the whole process group. The parent decides when its tasks end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => undefined);
  }
  process.on('disconnect', () => process.exit());
  process.on('message', (message: ToProcess) => {
    if (message.kind === 'start') {
      handle = begin(message.data);
      say({ kind: 'ready' });
      return;
    }
    if (handle === null) throw new Error('a task came before the data that it needs');
    void run(handle, message.request, watchdog, message.limits);
  });
}

async function run(
  handle: TaskHandler,
  request: unknown,
  watchdog: Worker,
  limits: TaskLimits | null,
): Promise<void> {
  watchdog.postMessage(limits);
  const reply = await handle(request, (value) => say({ kind: 'progress', value }));
  watchdog.postMessage('idle');
  say({ kind: 'done', reply, memoryMb: Math.round(process.memoryUsage.rss() / 2 ** 20) });
}

/** The channel may be closed already: then the parent has no use for the message. */
function say(message: FromProcess): void {
  if (process.connected) process.send?.(message, () => undefined);
}

/** It holds a handful of numbers. */
const WATCHDOG_MEMORY = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 };

function startWatchdog(): Worker {
  const file = import.meta.url.endsWith('.ts') ? './watchdog.mjs' : './watchdog.js';
  const watchdog = new Worker(new URL(file, import.meta.url), {
    workerData: { signals: LIMIT_SIGNALS, parent: process.ppid },
    resourceLimits: WATCHDOG_MEMORY,
    execArgv: [],
  });
  watchdog.unref();
  return watchdog;
}
