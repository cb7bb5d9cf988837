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
import { findTemporalCli } from '../../starter/temporal-cli.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { freePorts } from '../../test/support/ports.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The parts of an installation that run as processes of their own. */
export type Part = 'server' | 'worker' | 'watcher';

/** A whole CalmOps as a user runs it, in a folder of its own: what benchmarks drive, kill and measure. */
export interface Installation {
  readonly folder: string;
  readonly client: Client;
  /** the folder that a pipeline watches */
  incoming(pipeline: string): string;
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
  { threads }: { readonly threads?: number } = {},
): Promise<Installation> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-bench-'));
  const incoming = (pipeline: string): string => path.join(folder, 'incoming', pipeline);
  for (const [name, rest] of Object.entries(pipelines)) {
    await mkdir(path.join(folder, 'pipelines', name), { recursive: true });
    await mkdir(incoming(name), { recursive: true });
    const yaml = stringify({ name, files: { folder: incoming(name) }, ...rest });
    await writeFile(path.join(folder, 'pipelines', name, 'pipeline.yaml'), yaml);
  }
  const [port = 0, ui = 0, web = 0] = await freePorts(3);
  const address = `127.0.0.1:${port}`;
  const cli = await findTemporalCli(loadSettings().home);
  const environment = {
    ...process.env,
    CALMOPS_HOME: path.join(folder, 'home'),
    CALMOPS_PIPELINES: path.join(folder, 'pipelines'),
    CALMOPS_LOGS: path.join(folder, 'logs'),
    CALMOPS_PORT: String(web),
    TEMPORAL_ADDRESS: address,
    ...(threads === undefined ? {} : { CALMOPS_THREADS: String(threads) }),
  };
  const commands: Readonly<Record<Part, readonly [string, ...string[]]>> = {
    server: [cli.path, ...serverArguments(folder, port, ui)],
    worker: [process.execPath, '--import', 'tsx', path.join(root, 'worker/main.ts')],
    watcher: [process.execPath, '--import', 'tsx', path.join(root, 'starter/main.ts')],
  };
  const running = new Map<Part, ChildProcess>();
  const start = async (part: Part): Promise<void> => {
    const [command, ...args] = commands[part];
    const log = createWriteStream(path.join(folder, `${part}.log`), { flags: 'a' });
    await once(log, 'open');
    const child = spawn(command, args, {
      cwd: root,
      env: environment,
      stdio: ['ignore', log, log],
    });
    running.set(part, child);
    if (part === 'server') await untilServing(address);
  };
  const end = async (part: Part, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const child = running.get(part);
    if (child === undefined) return;
    running.delete(part);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  await start('server');
  const connection = await Connection.connect({ address });
  await start('worker');
  await start('watcher');
  return {
    folder,
    client: new Client({ connection }),
    incoming,
    kill: (part) => end(part, 'SIGKILL'),
    start,
    remove: async () => {
      await connection.close();
      await end('watcher', 'SIGTERM');
      await end('worker', 'SIGTERM');
      await end('server', 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serverArguments(folder: string, port: number, ui: number): readonly string[] {
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type === 'DOUBLE' ? 'Double' : 'Keyword'}`,
  ]);
  const ports = ['--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(ui)];
  const database = ['--db-filename', path.join(folder, 'temporal.db'), '--log-level', 'error'];
  return ['server', 'start-dev', ...ports, ...database, ...attributes];
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
