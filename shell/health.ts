import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Settings } from './settings.ts';

/** How a process finds itself. */
export interface HealthFindings {
  /** what keeps it from its work, each a sentence; none: it is well */
  readonly problems: readonly string[];
  /** what else is worth a look, by name */
  readonly facts: Readonly<Record<string, string | null>>;
}

/** The file is written so often; `deploy/probe.mjs` takes one for stale that is six times as old. */
const EVERY_MS = 10_000;

/**
 * Writes into a file, again and again, how a process finds itself, for health checks that look from outside. A process
 * that hangs leaves a file that grows old; one that stops takes it away. Does nothing if the settings name no file.
 */
export function keepHealthFile(options: {
  readonly settings: Pick<Settings, 'healthFile'>;
  readonly component: string;
  readonly logger: Logger;
  readonly look: () => Promise<HealthFindings>;
  readonly everyMs?: number;
}): { close(): Promise<void> } {
  const { component, logger, look, everyMs = EVERY_MS } = options;
  const file = options.settings.healthFile;
  if (file === null) return { close: () => Promise.resolve() };
  let complained = false;
  const write = async (): Promise<void> => {
    try {
      const findings = await look();
      const healthy = findings.problems.length === 0;
      const at = new Date().toISOString();
      await writeWhole(file, { component, pid: process.pid, at, healthy, ...findings });
      complained = false;
    } catch (error) {
      if (!complained) logger.warn({ err: error }, `The health file ${file} cannot be written`);
      complained = true;
    }
  };
  let writing = write();
  const timer = setInterval(() => {
    writing = writing.then(write);
  }, everyMs);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await writing;
      await rm(file, { force: true });
    },
  };
}

/** Whoever reads it meanwhile sees the one before. */
async function writeWhole(file: string, content: object): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const part = `${file}.${String(process.pid)}.part`;
  await writeFile(part, `${JSON.stringify(content)}\n`);
  await rename(part, file);
}
