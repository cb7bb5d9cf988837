import type { Logger } from 'pino';
import { loadSettings, type Settings } from './settings.ts';

export interface ProcessContext {
  readonly settings: Settings;
  readonly logger: Logger;
  /** aborted when the process is asked to stop */
  readonly signal: AbortSignal;
}

export interface ProcessOptions {
  /** for the log */
  readonly component: string;
  readonly log: (settings: Settings, component: string) => Logger;
}

/** One Ctrl-C reaches a process more than once: from the terminal, from npm, from a wrapper. */
const SAME_REQUEST_MS = 1_000;
/** What is still open this long after the end of `main` would keep the process for ever. */
const END_WITHIN_MS = 10_000;
/** what shells expect of a program that was ended by Ctrl-C */
const INTERRUPTED = 130;

/**
 * The frame of every CalmOps process: settings, log, a signal for Ctrl-C, SIGTERM and SIGHUP (the second
 * request ends the process at once), and an exit code: what `main` answers, or 1 if it fails. Once `main` has ended the
 * process ends too, even if something was left open: whoever watches over processes starts a new one only then.
 */
export async function runProcess(
  { component, log }: ProcessOptions,
  main: (context: ProcessContext) => Promise<number>,
): Promise<void> {
  const stopping = new AbortController();
  const ended = onStopRequest(stopping);
  // That nobody reads the terminal any more, or that it is a file on a full disk, is no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let logger: Logger | null = null;
  try {
    const settings = loadSettings();
    logger = log(settings, component);
    process.exitCode = await main({ settings, logger, signal: stopping.signal });
  } catch (error) {
    if (stopping.signal.aborted && error instanceof Error && error.name === 'AbortError') {
      process.exitCode = INTERRUPTED;
      return;
    }
    process.exitCode = 1;
    const message = error instanceof Error ? error.message : String(error);
    if (logger === null) process.stderr.write(`${message}\n`);
    else logger.fatal({ err: error }, message);
  } finally {
    ended();
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** @returns to be called when `main` has ended: from then on any request ends the process at once, and so does time */
function onStopRequest(stopping: AbortController): () => void {
  let first = 0;
  let ended = false;
  const request = (): void => {
    if (ended) process.exit();
    if (!stopping.signal.aborted) {
      first = performance.now();
      stopping.abort();
    } else if (performance.now() - first > SAME_REQUEST_MS) process.exit(INTERRUPTED);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, request);
  return () => {
    ended = true;
    setTimeout(() => process.exit(), END_WITHIN_MS).unref();
  };
}
