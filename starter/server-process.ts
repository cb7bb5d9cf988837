import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive } from '../shell/is-alive.ts';
import { LOOPBACK } from './server-arguments.ts';
import type { UiAddress } from './ui-door.ts';

const run = promisify(execFile);

/** A development server that runs on this machine, as its command line tells. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  readonly ui: UiAddress;
}

/**
 * The server that keeps its data in this database, whoever started it; null if none runs. It is known by its command
 * line, not by its answers, so that one which is busy, or only starting, is found too.
 * @param database absolute path
 */
export async function findServerOf(database: string): Promise<ServerProcess | null> {
  for (const { pid, command } of await runningCommands()) {
    if (!command.includes(` --db-filename ${database} `)) continue;
    const port = Number(valueOf('--port', command));
    if (!Number.isInteger(port)) continue;
    const uiPort = Number(valueOf('--ui-port', command) ?? port + 1_000);
    return { pid, port, ui: { host: valueOf('--ui-ip', command) ?? LOOPBACK, port: uiPort } };
  }
  return null;
}

/** Other processes' children cannot be awaited, only looked at. */
export async function endOfProcess(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(250, undefined, { ref: false });
}

interface RunningCommand {
  readonly pid: number;
  /** program and arguments, each followed by a space */
  readonly command: string;
}

async function runningCommands(): Promise<readonly RunningCommand[]> {
  const pids = await readdir('/proc').catch(() => []);
  const numbers = pids.filter((name) => /^\d+$/.test(name)).map(Number);
  if (numbers.length === 0) return commandsOfPs();
  const found = await Promise.all(numbers.map(commandOf));
  return found.filter((one) => one !== null);
}

/** null if the process has ended meanwhile, or may not be looked at */
async function commandOf(pid: number): Promise<RunningCommand | null> {
  const file = path.join('/proc', String(pid), 'cmdline');
  const text = await readFile(file, 'utf8').catch(() => '');
  return text === '' ? null : { pid, command: text.replaceAll('\0', ' ') };
}

/** Where there is no /proc. */
async function commandsOfPs(): Promise<readonly RunningCommand[]> {
  const { stdout } = await run('ps', ['-A', '-ww', '-o', 'pid=,command='], {
    maxBuffer: 64 * 2 ** 20,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), command: `${command ?? ''} ` }];
  });
}

function valueOf(option: string, command: string): string | undefined {
  return new RegExp(` ${option} (\\S+) `).exec(command)?.[1];
}
