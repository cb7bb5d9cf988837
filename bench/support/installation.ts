import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { loadSettings } from '../../shell/settings.ts';
import { ensureSearchAttributes } from '../../starter/search-attributes.ts';
import { serverArguments } from '../../starter/server-arguments.ts';
import { findTemporalCli } from '../../starter/temporal-cli.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { freePorts } from '../../test/support/ports.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The parts of an installation that run as processes of their own. */
export type Part = 'server' | 'worker' | 'watcher';

/** A whole CalmOps as a user runs it, in a folder of its own: what benchmarks drive, kill and measure. */
export interface Installation {
  readonly client: Client;
  readonly store: ArtefactStore;
  /** the folder that a pipeline watches */
  readonly incoming: (pipeline: string) => string;
  /** Ends a part with SIGKILL, as a crash would, and waits until it is gone. */
  kill(part: Part): Promise<void>;
  start(part: Part): Promise<void>;
  /** Ends everything and removes the folder. */
  remove(): Promise<void>;
}

/**
 * Lays out pipelines and starts server, worker and watcher.
 * @param pipelines by name, what their pipeline.yaml says besides name and folder
 */
export async function install(
  pipelines: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<Installation> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-bench-'));
  const incoming = (pipeline: string): string => path.join(folder, 'incoming', pipeline);
  for (const [name, rest] of Object.entries(pipelines)) {
    await mkdir(path.join(folder, 'pipelines', name), { recursive: true });
    await mkdir(incoming(name), { recursive: true });
    const yaml = stringify({ name, files: { folder: incoming(name) }, ...rest });
    await writeFile(path.join(folder, 'pipelines', name, 'pipeline.yaml'), yaml);
  }
  const [port = 0, uiPort = 0] = await freePorts(2);
  const database = path.join(folder, 'temporal.db');
  const address = `127.0.0.1:${port}`;
  const { command } = await findTemporalCli(loadSettings().home);
  const calmops = [process.execPath, path.join(root, 'scripts/calmops.mjs')] as const;
  const parts = createParts(folder, address, {
    server: [command, ...serverArguments({ port, uiPort, database, namespace: 'default' })],
    worker: [...calmops, 'worker'],
    watcher: [...calmops, 'watch'],
  });
  const connection = await startAll(parts, address);
  return {
    client: new Client({ connection }),
    store: openLocalStore(path.join(folder, 'home', 'store')),
    incoming,
    kill: (part) => parts.end(part, 'SIGKILL'),
    start: parts.start,
    remove: async () => {
      await connection.close();
      await parts.end('watcher', 'SIGTERM');
      await parts.end('worker', 'SIGTERM');
      await parts.end('server', 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts every part; if one does not start, none is left running. */
async function startAll(parts: Parts, address: string): Promise<Connection> {
  try {
    await parts.start('server');
    await parts.start('worker');
    await parts.start('watcher');
    return await Connection.connect({ address });
  } catch (error) {
    for (const part of ['watcher', 'worker', 'server'] as const) await parts.end(part, 'SIGTERM');
    throw error;
  }
}

interface Parts {
  readonly start: (part: Part) => Promise<void>;
  readonly end: (part: Part, signal: 'SIGKILL' | 'SIGTERM') => Promise<void>;
}

/** The processes of an installation; what they print is in `<folder>/<part>.log`. */
function createParts(
  folder: string,
  address: string,
  commands: Readonly<Record<Part, readonly [string, ...string[]]>>,
): Parts {
  const running = new Map<Part, ChildProcess>();
  const env = {
    ...process.env,
    CALMOPS_HOME: path.join(folder, 'home'),
    CALMOPS_PIPELINES: path.join(folder, 'pipelines'),
    CALMOPS_LOGS: path.join(folder, 'logs'),
    TEMPORAL_ADDRESS: address,
  };
  return {
    start: async (part) => {
      const [command, ...args] = commands[part];
      const log = createWriteStream(path.join(folder, `${part}.log`), { flags: 'a' });
      await once(log, 'open');
      running.set(part, spawn(command, args, { cwd: root, env, stdio: ['ignore', log, log] }));
      if (part === 'server') await untilServing(address);
    },
    end: async (part, signal) => {
      const child = running.get(part);
      running.delete(part);
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

async function untilServing(address: string): Promise<void> {
  const connection = Connection.lazy({ address });
  try {
    await connection.ensureConnected();
    await ensureSearchAttributes(connection, 'default');
  } finally {
    await connection.close();
  }
}
