import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { loadSettings } from '../../shell/settings.ts';
import { findTemporalCli } from '../../starter/temporal-cli.ts';
import type { ArtefactStore } from '../../store/artefact-store.ts';
import { openLocalStore } from '../../store/local-store.ts';
import { freePorts } from '../../test/support/ports.ts';
import { layOut, type PipelineYamls } from './installation.ts';
import { descendantsOf, processesWith } from './linux-processes.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** CalmOps as `npm start` runs it, in a folder of its own: one process, with a Temporal server of its own. */
export interface NpmStart {
  /** everything that belongs to it is below, the home in `home/` */
  readonly folder: string;
  readonly home: string;
  readonly store: ArtefactStore;
  readonly dashboard: string;
  /** the port of Temporal's UI, as people reach it */
  readonly uiPort: number;
  readonly environment: NodeJS.ProcessEnv;
  /** the folder that a pipeline watches */
  readonly incoming: (pipeline: string) => string;
  /** what it has printed since it was started last */
  readonly printed: () => string;
  /** null while it runs */
  readonly ended: () => End | null;
  /**
   * Starts it, and waits until it says that it has started.
   * @throws Error with what it printed if it ends before
   */
  start(): Promise<void>;
  /** A client of its Temporal server, the same one each time. */
  client(): Promise<Client>;
  /** The process that holds worker, watcher and dashboard. */
  pid(): Promise<number>;
  /** Sends a signal to that process and waits until all of `npm start` has ended. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<End>;
  /** Ends everything, the Temporal server too, and removes the folder. */
  remove(): Promise<void>;
}

const PATIENCE_MS = 180_000;
const POLL_MS = 50;

/** Lays out pipelines in a folder of their own; nothing runs yet. */
export async function npmStart(
  pipelines: PipelineYamls,
  environment: Readonly<Record<string, string>> = {},
): Promise<NpmStart> {
  const folder = await mkdtemp(path.join(tmpdir(), 'calmops-start-'));
  const home = path.join(folder, 'home');
  await mkdir(home);
  const incoming = (pipeline: string): string => path.join(folder, 'incoming', pipeline);
  await layOut(folder, pipelines, incoming);
  const [port = 0, temporalPort = 0, uiPort = 0] = await freePorts(3);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: await pathWithTemporal(folder),
    CALMOPS_HOME: home,
    CALMOPS_PIPELINES: path.join(folder, 'pipelines'),
    CALMOPS_LOGS: path.join(folder, 'logs'),
    CALMOPS_PORT: String(port),
    CALMOPS_TEMPORAL_PORT: String(temporalPort),
    CALMOPS_TEMPORAL_UI_PORT: String(uiPort),
    ...environment,
  };
  let npm: ChildProcess | null = null;
  let gone: Promise<unknown> = Promise.resolve();
  let printed = '';
  let client: Client | null = null;
  const ended = (): End | null => {
    if (npm === null || (npm.exitCode === null && npm.signalCode === null)) return null;
    return { code: npm.exitCode, signal: npm.signalCode };
  };
  const cancelCleaning = onExit(folder, () => npm);
  const pid = async (): Promise<number> => {
    const all = await descendantsOf(npm?.pid ?? 0);
    const programs = all.filter(({ name }) => name === 'node' || name === 'MainThread');
    const found = programs.find(({ pid: each }) => commandOf(each).includes('calmops.mjs'));
    if (found === undefined) throw new Error('the process of npm start is not there');
    return found.pid;
  };
  return {
    ...{ folder, home, incoming, uiPort, environment: env, ended, pid },
    store: openLocalStore(path.join(home, 'store')),
    dashboard: `http://127.0.0.1:${port}`,
    printed: () => printed,
    start: async () => {
      printed = '';
      const child = spawn('npm', ['start'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
      npm = child;
      gone = once(child, 'close');
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
      }
      const deadline = performance.now() + PATIENCE_MS;
      while (!printed.includes('Ctrl-C stops everything')) {
        if (ended() !== null || performance.now() > deadline) {
          throw new Error(`npm start did not come up; it printed:\n${printed}`);
        }
        await setTimeout(POLL_MS);
      }
    },
    client: async () => {
      client ??= new Client({
        connection: await Connection.connect({ address: `127.0.0.1:${temporalPort}` }),
      });
      return client;
    },
    end: async (signal) => {
      process.kill(await pid(), signal);
      await gone;
      return ended() ?? { code: null, signal: null };
    },
    remove: async () => {
      await client?.connection.close();
      npm?.kill('SIGTERM');
      const late = AbortSignal.timeout(PATIENCE_MS);
      while (npm !== null && ended() === null && !late.aborted) await setTimeout(POLL_MS);
      for (const each of await processesWith(folder)) process.kill(each.pid, 'SIGKILL');
      cancelCleaning();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A command line tool that was fetched into the project's home is given on the PATH, so that it is fetched once. */
async function pathWithTemporal(folder: string): Promise<string> {
  const present = process.env['PATH'] ?? '';
  const { kind, command } = await findTemporalCli(loadSettings().home);
  if (kind === 'path') return present;
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  await symlink(command, path.join(bin, 'temporal'));
  return `${bin}${path.delimiter}${present}`;
}

/** Whoever is interrupted, or fails elsewhere, leaves neither processes nor folders behind. */
function onExit(folder: string, npm: () => ChildProcess | null): () => void {
  const leave = (): void => {
    npm()?.kill('SIGTERM');
    const record = path.join(folder, 'home', 'temporal-server.json');
    const server = existsSync(record) ? /"pid":\s*(\d+)/.exec(readFileSync(record, 'utf8')) : null;
    if (server !== null) process.kill(Number(server[1]), 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const interrupted = (): never => process.exit(130);
  process.once('exit', leave).once('SIGINT', interrupted).once('SIGTERM', interrupted);
  return () => {
    process.off('exit', leave).off('SIGINT', interrupted).off('SIGTERM', interrupted);
  };
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
