import { execFile } from 'node:child_process';
import { appendFile, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { hashFile } from '../../../data/hash-file.ts';
import {
  pipelineRuns,
  pipelineWorkflowId,
  runProgress,
  runWorkflowId,
  type RunSummary,
} from '../../../workflows/contract.ts';
import { checkLeftovers } from '../invariants/leftovers.ts';
import { descendantsOf } from '../linux-processes.ts';
import type { NpmStart } from '../npm-start.ts';

const run = promisify(execFile);

const POLL_MS = 500;
/** A copy is there for tenths of a second only. */
const READ_POLL_MS = 20;
const PATIENCE_MS = 900_000;

/** Puts a file into the folder of a pipeline in one step. */
export async function drop(
  calmops: NpmStart,
  pipeline: string,
  name: string,
  content: string,
): Promise<void> {
  const partial = path.join(calmops.incoming(pipeline), `.${name}.part`);
  await writeFile(partial, content);
  await rename(partial, path.join(calmops.incoming(pipeline), name));
}

/**
 * Makes a file in the folder of hostile ones.
 * @param largest bytes of a file that is left there; one that is refused by its size alone is left, too
 * @returns whether it was left there
 */
export async function dropMade(
  calmops: NpmStart,
  name: string,
  { make, largest }: { readonly make: (place: string) => Promise<void>; readonly largest: number },
): Promise<boolean> {
  const partial = path.join(calmops.incoming('hostile'), `.${name}.part`);
  await make(partial);
  const handle = await open(partial);
  const { size } = await handle.stat();
  await handle.close();
  if (size > largest && size < 2 ** 31) {
    await rm(partial);
    return false;
  }
  await rename(partial, path.join(calmops.incoming('hostile'), name));
  return true;
}

/** The newest hundred runs of a pipeline. */
export async function runsOf(calmops: NpmStart, pipeline: string): Promise<readonly RunSummary[]> {
  const client = await calmops.client();
  const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
  const { runs } = await handle.query(pipelineRuns, { offset: 0, limit: 100 });
  return runs;
}

/**
 * Waits for the outcome of a file of this name.
 * @throws Error if `npm start` ends, or there is none after 15 minutes
 */
export async function outcomeOf(
  calmops: NpmStart,
  pipeline: string,
  name: string,
): Promise<RunSummary> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const runs = await runsOf(calmops, pipeline).catch(() => []);
    const found = runs.find(({ fileName }) => fileName === name);
    if (found !== undefined) return found;
    if (calmops.ended() !== null) throw new Error(`npm start ended while ${name} was read`);
    await setTimeout(POLL_MS);
  }
  throw new Error(`${name} has no outcome after ${PATIENCE_MS / 1000} s`);
}

/**
 * Waits for the outcome of a content, whatever the name of its file.
 * @throws Error if there is none after 15 minutes
 */
export async function outcomeOfContent(
  calmops: NpmStart,
  pipeline: string,
  sha256: string,
): Promise<RunSummary> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const runs = await runsOf(calmops, pipeline).catch(() => []);
    const found = runs.find((run) => run.sha256 === sha256);
    if (found !== undefined) return found;
    await setTimeout(POLL_MS);
  }
  throw new Error(`the content ${sha256} has no outcome after ${PATIENCE_MS / 1000} s`);
}

/**
 * Waits until a reader has a copy of a file, or of a part of it.
 * @throws Error if there is none after 15 minutes
 */
export async function untilRead(home: string): Promise<void> {
  const scratch = path.join(home, 'scratch');
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const entries = await readdir(scratch, { recursive: true }).catch(() => []);
    if (entries.some((entry) => entry.endsWith('dataset'))) return;
    await setTimeout(READ_POLL_MS);
  }
  throw new Error(`nothing is read after ${PATIENCE_MS / 1000} s`);
}

/**
 * Cancels the run of a file that was dropped, as soon as it trains.
 * @throws Error if it does not train within 15 minutes
 */
export async function cancelInTraining(
  calmops: NpmStart,
  pipeline: string,
  name: string,
): Promise<void> {
  const { sha256 } = await hashFile(path.join(calmops.incoming(pipeline), name));
  const client = await calmops.client();
  const run = client.workflow.getHandle(runWorkflowId(pipeline, sha256, 0));
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const progress = await run.query(runProgress).catch(() => null);
    if (progress?.finished === true) throw new Error(`the run of ${name} ended before it trained`);
    if (progress?.stages.at(-1)?.stage === 'train') {
      await run.cancel();
      return;
    }
    await setTimeout(READ_POLL_MS);
  }
  throw new Error(`the run of ${name} does not train after ${PATIENCE_MS / 1000} s`);
}

/** The characters of the longest line of all logs and of what was printed. */
export async function longestLogLine(calmops: NpmStart): Promise<number> {
  const logs = path.join(calmops.folder, 'logs');
  const printed = calmops.printed().split('\n');
  let longest = Math.max(...printed.map(({ length }) => length));
  for (const file of await readdir(logs)) {
    const text = await readFile(path.join(logs, file), 'utf8');
    for (const line of text.split('\n')) longest = Math.max(longest, line.length);
  }
  return longest;
}

/**
 * Waits until a log says these words, or they are printed.
 * @throws Error if none does after 15 minutes
 */
export async function untilLogged(calmops: NpmStart, words: string): Promise<void> {
  const logs = path.join(calmops.folder, 'logs');
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const texts = await Promise.all(
      (await readdir(logs)).map((file) => readFile(path.join(logs, file), 'utf8')),
    );
    if ([calmops.printed(), ...texts].some((text) => text.includes(words))) return;
    await setTimeout(POLL_MS);
  }
  throw new Error(`no log says '${words}' after ${PATIENCE_MS / 1000} s`);
}

/** Working files that are left half a minute after all is done. */
export async function settledLeftovers(home: string): Promise<readonly string[]> {
  for (let tries = 60; ; tries--) {
    const left = await checkLeftovers(home);
    if (left.length === 0 || tries === 0) return left;
    await setTimeout(POLL_MS);
  }
}

/**
 * Ends the process that reads as soon as there is a copy of the file.
 * @returns whether one was met within 15 minutes
 */
export async function killReader(calmops: NpmStart, pid: number): Promise<boolean> {
  const scratch = path.join(calmops.home, 'scratch');
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const entries = await readdir(scratch, { recursive: true }).catch(() => []);
    const reader = entries
      .map((entry) => /(\d+)/.exec(entry)?.[1])
      .find((found) => found !== undefined);
    if (entries.some((entry) => entry.endsWith('dataset')) && reader !== undefined) {
      for (const child of await descendantsOf(pid)) {
        if (String(child.pid) !== reader) continue;
        process.kill(child.pid, 'SIGKILL');
        return true;
      }
    }
    await setTimeout(READ_POLL_MS);
  }
  return false;
}

/** Turns one bit in the middle of a file, as a bad disk does. */
export async function turnBit(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await rm(file);
  await appendFile(file, bytes);
}

/** What a port of this machine answers to a request under a host name. */
export function statusOf(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path: '/api/v1/namespaces',
      headers: { host },
    });
    asked.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('error', reject).end();
  });
}

/** The exit code of a program of Node. */
export async function codeOf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    await run(process.execPath, args, { env });
    return '0';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

/** Comma-separated rows of which whoever has more buys. */
export function soundText(seed: number, rows = 300): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const a = (i * 37 + seed) % 101;
    return `${a},${(i * 53 + seed) % 89},${a > 50 ? 'yes' : 'no'}`;
  });
  return ['a,b,y', ...lines].join('\n');
}
