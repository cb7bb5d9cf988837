import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { z } from 'zod';
import type { Settings } from '../shell/settings.ts';
import { requireFreePort } from '../shell/ports.ts';
import { LOOPBACK, serverArguments } from './server-arguments.ts';
import type { TemporalCli } from './temporal-cli.ts';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
const POLL_MS = 50;
const FAST_RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': POLL_MS,
  'grpc.max_reconnect_backoff_ms': 250,
};

export interface EmbeddedServer {
  readonly address: string;
  readonly ui: string;
  readonly kind: 'running' | 'path' | 'own';
  readonly died: Promise<string>;
  stop(): Promise<void>;
}

/** What `<home>/temporal-server.json` says of the server that was started last. */
const recordSchema = z.object({
  pid: z.int().positive(),
  /** the process that stops it when it ends */
  owner: z.int().positive(),
  port: z.int(),
  uiPort: z.int(),
});
type ServerRecord = z.output<typeof recordSchema>;

/**
 * Starts `temporal server start-dev` and waits until it answers.
 * @throws PortTakenError if its port or its UI's port is in use
 */
export async function startEmbeddedServer(
  settings: Settings,
  namespace: string,
  cli: TemporalCli,
): Promise<EmbeddedServer> {
  await requireFreePort(settings.temporalPort, LOOPBACK, 'the Temporal server', [
    'choose another one with CALMOPS_TEMPORAL_PORT',
    `set TEMPORAL_ADDRESS=${LOOPBACK}:${settings.temporalPort} if a Temporal server is running there that you want to use`,
  ]);
  await requireFreePort(settings.temporalUiPort, LOOPBACK, 'the Temporal UI', [
    'choose another one with CALMOPS_TEMPORAL_UI_PORT',
  ]);
  await mkdir(settings.home, { recursive: true });
  const log = path.join(settings.home, 'temporal.log');
  const child = await spawnServer(cli.command, argumentsFor(settings, namespace), log);
  const ended = endOf(child);
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(late);
    }
    await rm(recordFile(settings), { force: true });
  };
  const address = `${LOOPBACK}:${settings.temporalPort}`;
  try {
    await untilReady(address, namespace, ended, log);
    await writeRecord(settings, child.pid);
  } catch (error) {
    await stop();
    throw error;
  }
  const died = new Promise<string>((resolve) => {
    void ended.then((how) => {
      if (!stopping) resolve(`the Temporal server ended (${how}); its log is ${log}`);
    });
  });
  const ui = `http://${LOOPBACK}:${settings.temporalUiPort}`;
  return { address, ui, kind: cli.kind, died, stop };
}

/**
 * The embedded server that an earlier process left running (it was killed) or that another one is using;
 * null if there is none. One whose owner is gone belongs to this process from now on.
 */
export async function adoptEmbeddedServer(
  settings: Settings,
  namespace: string,
): Promise<EmbeddedServer | null> {
  const record = await readRecord(settings);
  if (record?.port !== settings.temporalPort || !isAlive(record.pid)) return null;
  const address = `${LOOPBACK}:${record.port}`;
  if (!(await knowsNamespace(address, namespace, 2_000))) return null;
  const orphaned = !isAlive(record.owner);
  if (orphaned) await writeRecord(settings, record.pid);
  let stopping = false;
  return {
    address,
    ui: `http://${LOOPBACK}:${record.uiPort}`,
    kind: 'running',
    died: endOfProcess(record.pid).then((): string | Promise<string> =>
      stopping ? new Promise(() => undefined) : 'the Temporal server ended',
    ),
    stop: async () => {
      stopping = true;
      if (!orphaned || !isAlive(record.pid)) return;
      process.kill(record.pid, 'SIGTERM');
      await endOfProcess(record.pid);
      await rm(recordFile(settings), { force: true });
    },
  };
}

function argumentsFor(settings: Settings, namespace: string): readonly string[] {
  return serverArguments({
    port: settings.temporalPort,
    uiPort: settings.temporalUiPort,
    database: path.join(settings.home, 'temporal.db'),
    namespace,
  });
}

/** In a process group of its own: Ctrl-C in the terminal must reach CalmOps, which needs the server to drain. */
async function spawnServer(
  command: string,
  args: readonly string[],
  log: string,
): Promise<ChildProcess> {
  const output = await open(log, 'a');
  try {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    await once(child, 'spawn');
    return child;
  } finally {
    await output.close();
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exit code ${String(code)}` : `killed by ${signal}`);
    });
  });
}

/** @throws if the server ends or does not answer in time */
async function untilReady(
  address: string,
  namespace: string,
  ended: Promise<string>,
  log: string,
): Promise<void> {
  const ready = knowsNamespace(address, namespace, READY_WITHIN_MS).then((answered) =>
    answered ? null : `it did not answer within ${READY_WITHIN_MS / 1000} s`,
  );
  const problem = await Promise.race([ready, ended]);
  if (problem === null) return;
  const said = (await readFile(log, 'utf8')).trim().split('\n').slice(-3).join('\n  ');
  throw new Error(`The Temporal server did not start: ${problem}. Its last words:\n  ${said}`);
}

/** Whether a Temporal server answers there, within the time, that has the namespace. */
async function knowsNamespace(
  address: string,
  namespace: string,
  withinMs: number,
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    const connection = Connection.lazy({ address, channelArgs: FAST_RECONNECT });
    try {
      await connection.withDeadline(Date.now() + 1_000, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      return true;
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      await delay(POLL_MS);
    } finally {
      await connection.close();
    }
  }
  return false;
}

function recordFile(settings: Settings): string {
  return path.join(settings.home, 'temporal-server.json');
}

async function writeRecord(settings: Settings, pid: number | undefined): Promise<void> {
  const record = {
    pid,
    owner: process.pid,
    port: settings.temporalPort,
    uiPort: settings.temporalUiPort,
  };
  await writeFile(recordFile(settings), JSON.stringify(record));
}

async function readRecord(settings: Settings): Promise<ServerRecord | null> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(recordFile(settings), 'utf8')));
  } catch {
    // Absent, or half-written by a process that was killed: then there is nothing to adopt.
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Other processes' children cannot be awaited, only looked at. */
async function endOfProcess(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(250, undefined, { ref: false });
}
