import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { isAlive } from '../shell/is-alive.ts';
import { requireFreePort } from '../shell/ports.ts';
import type { Settings } from '../shell/settings.ts';
import { DatabaseDamagedError, isDamage, requireSoundDatabase } from './server-database.ts';
import { LOOPBACK, serverArguments } from './server-arguments.ts';
import { endOfProcess, findServerOf, type ServerProcess } from './server-process.ts';
import { readServerRecord, removeServerRecord, writeServerRecord } from './server-record.ts';
import type { TemporalCli } from './temporal-cli.ts';
import type { UiAddress } from './ui-door.ts';

const READY_WITHIN_MS = 60_000;
/** A person is told of a wait that is longer. */
const SAID_AFTER_MS = 2_000;
/** What one call may take: a busy server answers late. */
const CALL_WITHIN_MS = 10_000;
const STOP_WITHIN_MS = 15_000;
const POLL_MS = 50;
const FAST_RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': POLL_MS,
  'grpc.max_reconnect_backoff_ms': 250,
};

/** Told in one sentence what a person should know while the server is found or started. */
type Tell = (message: string) => void;

export interface EmbeddedServer {
  readonly address: string;
  /** where its UI listens: not for people, since it answers to any `Host` */
  readonly ui: UiAddress;
  readonly kind: 'running' | 'path' | 'own';
  /** whether another process that lives started it and will stop it */
  readonly shared: boolean;
  readonly died: Promise<string>;
  stop(): Promise<void>;
}

/** A server of CalmOps' own is running and cannot be used; says which process it is and what to do. */
export class OwnServerError extends Error {
  override name = 'OwnServerError';
}

/**
 * Starts `temporal server start-dev` and waits until it answers.
 * @throws PortTakenError if its port is in use; DatabaseDamagedError
 */
export async function startEmbeddedServer(
  settings: Settings,
  namespace: string,
  cli: TemporalCli,
  tell: Tell = () => undefined,
): Promise<EmbeddedServer> {
  await requireFreePort(settings.temporalPort, LOOPBACK, 'the Temporal server', [
    'choose another one with CALMOPS_TEMPORAL_PORT',
    `set TEMPORAL_ADDRESS=${LOOPBACK}:${settings.temporalPort} if a Temporal server is running there that you want to use`,
  ]);
  await mkdir(settings.home, { recursive: true });
  const database = databaseOf(settings);
  await requireSoundDatabase(database);
  const ui = await hiddenAddress();
  const log = path.join(settings.home, 'temporal.log');
  const args = serverArguments({
    ...{ port: settings.temporalPort, uiIp: ui.host, uiPort: ui.port, database, namespace },
  });
  const child = await spawnServer(cli.command, args, log);
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
    await removeServerRecord(settings);
  };
  const address = `${LOOPBACK}:${settings.temporalPort}`;
  try {
    await own(settings, child.pid, tell);
    await untilReady({ address, namespace, ended, log, database });
  } catch (error) {
    await stop();
    throw error;
  }
  const died = new Promise<string>((resolve) => {
    void ended.then((how) => {
      if (!stopping) resolve(`the Temporal server ended (${how}); its log is ${log}`);
    });
  });
  return { address, ui, kind: cli.kind, shared: false, died, stop };
}

/**
 * The embedded server that an earlier process left running (it was killed) or that another one is using;
 * null if there is none. One whose owner is gone belongs to this process from now on. It may be busy, or only starting:
 * it is waited for up to a minute.
 * @throws OwnServerError if it does not answer, or listens on another port; DatabaseDamagedError
 */
export async function adoptEmbeddedServer(
  settings: Settings,
  namespace: string,
  tell: Tell = () => undefined,
): Promise<EmbeddedServer | null> {
  const database = databaseOf(settings);
  const server = await findServerOf(database);
  if (server === null) return null;
  const { pid, port, ui } = server;
  if (port !== settings.temporalPort) {
    throw new OwnServerError(
      `A Temporal server of CalmOps (pid ${pid}) runs on the data in ${database} already, on port ${port}. Set CALMOPS_TEMPORAL_PORT=${port} to use it, or end it with \`kill ${pid}\`; its data is kept.`,
    );
  }
  await requireSoundDatabase(database, pid);
  const address = `${LOOPBACK}:${port}`;
  if (!(await answersInTime(server, { address, namespace, database, tell }))) return null;
  const record = await readServerRecord(settings);
  const shared = record?.pid === pid && isAlive(record.owner);
  if (!shared && ui.host === LOOPBACK && ui.port === settings.temporalUiPort) {
    // Its UI stands where the checked door belongs: an earlier version of CalmOps started it so.
    tell(`Ending the Temporal server (pid ${pid}) that an earlier version of CalmOps left`);
    await end(pid);
    return null;
  }
  if (!shared) await own(settings, pid, tell);
  let stopping = false;
  return {
    address,
    ui,
    kind: 'running',
    shared,
    died: endOfProcess(pid).then((): string | Promise<string> =>
      stopping ? new Promise(() => undefined) : 'the Temporal server ended',
    ),
    stop: async () => {
      stopping = true;
      if (shared || !isAlive(pid)) return;
      await end(pid);
      await removeServerRecord(settings);
    },
  };
}

/** Ends a server that is no child of this process. */
async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  const late = setTimeout(() => process.kill(pid, 'SIGKILL'), STOP_WITHIN_MS);
  await endOfProcess(pid);
  clearTimeout(late);
}

/**
 * Waits for a server of CalmOps' own.
 * @returns false if it ended meanwhile
 */
async function answersInTime(
  { pid }: ServerProcess,
  {
    address,
    namespace,
    database,
    tell,
  }: {
    readonly address: string;
    readonly namespace: string;
    readonly database: string;
    readonly tell: Tell;
  },
): Promise<boolean> {
  const said = setTimeout(() => {
    tell(`Waiting for CalmOps' own Temporal server (pid ${pid}), which is slow to answer`);
  }, SAID_AFTER_MS);
  try {
    const problem = await Promise.race([
      silenceOf(address, namespace, READY_WITHIN_MS),
      endOfProcess(pid).then(() => 'ended' as const),
    ]);
    if (problem === null) return true;
    if (problem === 'ended') return false;
    if (isDamage(problem)) throw new DatabaseDamagedError(database, problem, pid);
    throw new OwnServerError(
      `CalmOps' own Temporal server (pid ${pid}), left by an earlier start, has not answered for ${READY_WITHIN_MS / 1000} s (${problem}). If it is busy, start again in a while; else end it with \`kill ${pid}\` and start again: its data is kept.`,
    );
  } finally {
    clearTimeout(said);
  }
}

/** Makes the server this process's. Where that cannot be written down, the next start finds the server all the same. */
async function own(settings: Settings, pid: number | undefined, tell: Tell): Promise<void> {
  if (pid === undefined) return;
  try {
    await writeServerRecord(settings, pid);
  } catch (error) {
    tell(`Which process uses the Temporal server could not be written down: ${String(error)}`);
  }
}

function databaseOf({ home }: Settings): string {
  return path.join(home, 'temporal.db');
}

/**
 * An address that nobody outside of this machine's programs can guess: on Linux, where all of 127.0.0.0/8 is this machine,
 * one of some ten million; elsewhere 127.0.0.1. A port is free on it.
 */
async function hiddenAddress(): Promise<UiAddress> {
  const part = (): number => randomInt(1, 255);
  const host = process.platform === 'linux' ? `127.${part()}.${part()}.${part()}` : LOOPBACK;
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { host, port };
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
async function untilReady({
  address,
  namespace,
  ended,
  log,
  database,
}: {
  readonly address: string;
  readonly namespace: string;
  readonly ended: Promise<string>;
  readonly log: string;
  readonly database: string;
}): Promise<void> {
  const problem = await Promise.race([silenceOf(address, namespace, READY_WITHIN_MS), ended]);
  if (problem === null) return;
  const said = (await readFile(log, 'utf8')).trim().split('\n').slice(-3).join('\n  ');
  if (isDamage(said)) throw new DatabaseDamagedError(database, said);
  throw new Error(`The Temporal server did not start: ${problem}. Its last words:\n  ${said}`);
}

/**
 * null as soon as a Temporal server answers there that has the namespace; if none does within the time, what was heard
 * last.
 */
async function silenceOf(
  address: string,
  namespace: string,
  withinMs: number,
): Promise<string | null> {
  const deadline = performance.now() + withinMs;
  let last = 'no answer';
  while (performance.now() < deadline) {
    const connection = Connection.lazy({ address, channelArgs: FAST_RECONNECT });
    try {
      const callMs = Math.min(deadline - performance.now(), CALL_WITHIN_MS);
      await connection.withDeadline(Date.now() + callMs, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      return null;
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      last = error.message;
      await delay(POLL_MS);
    } finally {
      await connection.close();
    }
  }
  return `it did not answer within ${withinMs / 1000} s: ${last}`;
}
