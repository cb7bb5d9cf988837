import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { loadSettings } from '../../shell/settings.ts';
import { ensureSearchAttributes } from '../../starter/search-attributes.ts';
import { serverArguments } from '../../starter/server-arguments.ts';
import { findTemporalCli } from '../../starter/temporal-cli.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { freePorts } from '../../test/support/ports.ts';
import { createParts, PARTS, type Part, type Parts } from './parts.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A whole CalmOps as a user runs it, in a folder of its own: what benchmarks drive, kill and measure. */
export interface Installation {
  readonly client: Client;
  readonly store: ArtefactStore;
  /** everything that belongs to it is below, the home in `home/` */
  readonly folder: string;
  readonly home: string;
  /** where the dashboard listens, if it runs */
  readonly dashboard: string;
  /** the folder that a pipeline watches */
  readonly incoming: (pipeline: string) => string;
  readonly parts: Parts;
  /** Ends everything and removes the folder. */
  remove(): Promise<void>;
}

export interface InstallOptions {
  /** what is started, in this order; absent: server, worker and watcher */
  readonly parts?: readonly Part[];
  /** the checkout that runs; absent: this one */
  readonly root?: string;
  /** see `PartsOptions` */
  readonly supervised?: boolean;
  /** the home is a file system of its own in memory, of so many MB; needs the rights to mount one */
  readonly homeMb?: number;
  /** absent: none */
  readonly environment?: Readonly<Record<string, string>>;
}

/** By name, what their pipeline.yaml says besides name and folder. */
export type PipelineYamls = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Lays out pipelines and starts the parts. */
export async function install(
  pipelines: PipelineYamls,
  options: InstallOptions = {},
): Promise<Installation> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-bench-'));
  const home = path.join(folder, 'home');
  await mkdir(home);
  if (options.homeMb !== undefined) await mountMemory(home, options.homeMb);
  const parting = onExit(folder, options);
  const removeFolder = async (): Promise<void> => {
    parting.cancel();
    if (options.homeMb !== undefined) await run('umount', ['--lazy', home]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const incoming = (pipeline: string): string => path.join(folder, 'incoming', pipeline);
    await layOut(folder, pipelines, incoming);
    const { parts, address, dashboard } = await prepareParts(folder, options);
    parting.parts = parts;
    const connection = await startAll(parts, address, options.parts ?? USUAL);
    return {
      client: new Client({ connection }),
      store: openLocalStore(path.join(home, 'store')),
      ...{ folder, home, dashboard, incoming, parts },
      remove: async () => {
        await connection.close();
        await endAll(parts);
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

interface Parting {
  /** what is running, once there is any */
  parts: Parts | null;
  readonly cancel: () => void;
}

/** Whoever is interrupted, or fails elsewhere, leaves neither processes nor folders behind. */
function onExit(folder: string, { homeMb }: InstallOptions): Parting {
  const leave = (): void => {
    for (const part of PARTS) {
      const pid = parting.parts?.pid(part);
      if (pid !== undefined && pid !== null) process.kill(pid, 'SIGKILL');
    }
    if (homeMb !== undefined) spawnSync('umount', ['--lazy', path.join(folder, 'home')]);
    rmSync(folder, { recursive: true, force: true });
  };
  const interrupted = (): never => process.exit(130);
  process.once('exit', leave).once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const parting: Parting = {
    parts: null,
    cancel: () => {
      process.off('exit', leave).off('SIGINT', interrupted).off('SIGTERM', interrupted);
    },
  };
  return parting;
}

const USUAL: readonly Part[] = ['server', 'worker', 'watcher'];

/** Why no file system in memory can be mounted here; null if one can. */
export async function whyNoMount(): Promise<string | null> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-mount-'));
  try {
    await mountMemory(folder, 1);
    await run('umount', [folder]);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function mountMemory(folder: string, megabytes: number): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'calmops-bench', folder]);
}

/** Writes the pipeline.yaml of each pipeline, and makes the folder that it watches. */
export async function layOut(
  folder: string,
  pipelines: PipelineYamls,
  incoming: (pipeline: string) => string,
): Promise<void> {
  for (const [name, rest] of Object.entries(pipelines)) {
    await mkdir(path.join(folder, 'pipelines', name), { recursive: true });
    await mkdir(incoming(name), { recursive: true });
    const yaml = stringify({ name, files: { folder: incoming(name) }, ...rest });
    await writeFile(path.join(folder, 'pipelines', name, 'pipeline.yaml'), yaml);
  }
}

async function prepareParts(
  folder: string,
  { root = ROOT, supervised = false, environment = {} }: InstallOptions,
): Promise<{
  readonly parts: Parts;
  readonly address: string;
  readonly dashboard: string;
}> {
  const [port = 0, uiPort = 0, webPort = 0] = await freePorts(3);
  const database = path.join(folder, 'home', 'temporal.db');
  const address = `127.0.0.1:${port}`;
  const { command } = await findTemporalCli(loadSettings().home);
  const program = [process.execPath, path.join(root, 'scripts/calmops.mjs')] as const;
  const [worker, watcher] = [[...program, 'worker'] as const, [...program, 'watch'] as const];
  const parts = createParts({
    ...{ cwd: root, folder, supervised },
    environment: {
      ...process.env,
      CALMOPS_HOME: path.join(folder, 'home'),
      CALMOPS_PIPELINES: path.join(folder, 'pipelines'),
      CALMOPS_LOGS: path.join(folder, 'logs'),
      CALMOPS_PORT: String(webPort),
      TEMPORAL_ADDRESS: address,
      ...environment,
    },
    commands: {
      server: [command, ...serverArguments({ port, uiPort, database, namespace: 'default' })],
      ...{ worker, watcher, secondWorker: worker, secondWatcher: watcher },
      web: [...program, 'web'],
    },
    untilServing: () => untilServing(address),
  });
  return { parts, address, dashboard: `http://127.0.0.1:${webPort}` };
}

/** If one part does not start, none is left running. */
async function startAll(
  parts: Parts,
  address: string,
  asked: readonly Part[],
): Promise<Connection> {
  try {
    for (const part of asked) await parts.start(part);
    return await Connection.connect({ address, connectTimeout: PATIENCE_MS });
  } catch (error) {
    await endAll(parts);
    throw error;
  }
}

/** The server last: the others say goodbye to it. */
async function endAll(parts: Parts): Promise<void> {
  for (const part of PARTS.toReversed()) await parts.end(part, 'SIGTERM');
}

const PATIENCE_MS = 60_000;

/** Where much else runs, a server may take longer to start than one attempt to connect lasts. */
async function untilServing(address: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const connection = Connection.lazy({ address });
    try {
      await connection.ensureConnected();
      await ensureSearchAttributes(connection, 'default');
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    } finally {
      await connection.close();
    }
  }
}
