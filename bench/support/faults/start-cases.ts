import { execFile } from 'node:child_process';
import {
  appendFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunSummary } from '../../../workflows/contract.ts';
import { pipelineRuns, pipelineWorkflowId } from '../../../workflows/contract.ts';
import { INTERNAL } from '../fuzz/fuzz-files.ts';
import { checkLeftovers } from '../invariants/leftovers.ts';
import { descendantsOf } from '../linux-processes.ts';
import { npmStart, type NpmStart } from '../npm-start.ts';
import { FAULT_FILES } from './compare-cases.ts';
import { tried, type FaultCase, type Tried } from './fault-case.ts';
import { HOSTILE_INPUTS } from './hostile-inputs.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const PIPELINES = { sales: { target: 'y' }, hostile: { target: 'y' } } as const;
type Pipeline = keyof typeof PIPELINES;

const POLL_MS = 500;
const PATIENCE_MS = 900_000;
/** What `npm start` prints and sends through pipelines is hostile enough below this size, and soon read. */
const LARGEST = 4 * 2 ** 20;

/** Cases that need a running CalmOps: one `npm start`, which has to live through all of them, in this order. */
export function startCases(): {
  readonly cases: readonly FaultCase[];
  readonly end: () => Promise<void>;
} {
  let started: NpmStart | null = null;
  let pid = 0;
  const up = async (): Promise<NpmStart> => {
    if (started !== null) return started;
    started = await npmStart(PIPELINES);
    // A folder where a file of hooks belongs, from the beginning.
    await mkdir(path.join(started.folder, 'pipelines/broken/hooks.ts'), { recursive: true });
    await writeFile(
      path.join(started.folder, 'pipelines/broken/pipeline.yaml'),
      `name: broken\nfiles: { folder: ${started.folder}/incoming/broken }\ntarget: y\n`,
    );
    await started.start();
    pid = await started.pid();
    return started;
  };
  const lives = async (): Promise<boolean> =>
    started !== null && started.ended() === null && (await started.pid()) === pid;

  const named = (
    name: string,
    before: string,
    body: (calmops: NpmStart) => Promise<Tried>,
  ): FaultCase => ({
    name: `npm start: ${name}`,
    before,
    run: async () => body(await up()),
  });
  const sound = async (calmops: NpmStart, name: string, seed: number): Promise<RunSummary> => {
    await drop(calmops, 'sales', name, soundText(seed));
    return outcomeOf(calmops, 'sales', name);
  };

  const cases: readonly FaultCase[] = [
    named(
      'a folder in place of hooks.ts',
      '#5: refuses to start, “EISDIR”, no file named',
      async (calmops) => {
        const { outcome } = await sound(calmops, 'first.csv', 1);
        const said = /broken is left alone/.test(calmops.printed());
        return tried(
          said && outcome === 'trained',
          `started, said so: ${said}; another pipeline: ${outcome}`,
        );
      },
    ),
    named('a pipeline that comes while it runs', '#5: not taken up', async (calmops) => {
      await mkdir(path.join(calmops.folder, 'pipelines/late'));
      await mkdir(calmops.incoming('late'), { recursive: true });
      await writeFile(
        path.join(calmops.folder, 'pipelines/late/pipeline.yaml'),
        `name: late\nfiles: { folder: ${calmops.incoming('late')} }\ntarget: y\n`,
      );
      await drop(calmops, 'late', 'first.csv', soundText(1));
      const { outcome } = await outcomeOf(calmops, 'late', 'first.csv');
      return tried(outcome === 'trained', outcome);
    }),
    ...FAULT_FILES.map(({ name, before, make, isTable }) =>
      named(name, before, async (calmops) => {
        await dropMade(calmops, name, make);
        const { outcome, reason } = await outcomeOf(calmops, 'hostile', name);
        const isRight = (isTable === true || outcome === 'invalid') && outcome !== 'failed';
        return tried(
          isRight && !INTERNAL.test(reason) && (await lives()),
          `${outcome}: ${reason.slice(0, 120)}`,
        );
      }),
    ),
    named('new hostile files of up to 4 MiB, all at once', 'new', async (calmops) => {
      const names: string[] = [];
      for (const { name, make } of HOSTILE_INPUTS) {
        if (await dropMade(calmops, name, make)) names.push(name);
      }
      const outcomes: Record<string, number> = {};
      const faults: string[] = [];
      for (const name of names) {
        const { outcome, reason } = await outcomeOf(calmops, 'hostile', name);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        if (outcome === 'failed' || INTERNAL.test(reason)) faults.push(`${name}: ${reason}`);
      }
      const counts = Object.entries(outcomes).map(([outcome, times]) => `${outcome} ${times}`);
      return tried(faults.length === 0 && (await lives()), [...counts, ...faults].join(', '));
    }),
    named(
      'a foreign Host at the Temporal UI',
      '#9: 200, and a signal accepted',
      async ({ uiPort }) => {
        const status = await statusOf(uiPort, 'evil.com');
        return tried(status === 421, String(status));
      },
    ),
    named(
      'a symbolic link in an inbox',
      '#10: followed, /etc/shadow copied into the store',
      async (calmops) => {
        await symlink('/etc/passwd', path.join(calmops.incoming('sales'), 'link.csv'));
        await untilLogged(calmops, 'link.csv');
        const isRun = (await runsOf(calmops, 'sales')).some(
          ({ fileName }) => fileName === 'link.csv',
        );
        return tried(!isRun, isRun ? 'read' : 'refused, said in the log');
      },
    ),
    named('a name that is not UTF-8', '#11: passed over without a word', async (calmops) => {
      const name = Buffer.concat([
        Buffer.from(`${calmops.incoming('sales')}/latin`),
        Buffer.from([0xe9]),
        Buffer.from('.csv'),
      ]);
      await writeFile(name, soundText(9));
      await untilLogged(calmops, 'UTF-8');
      await rm(name);
      return tried(true, 'said in the log');
    }),
    named(
      'a sparse file of 1 TiB, and one beside it',
      '#17: blocks its pipeline and all large files',
      async (calmops) => {
        const place = path.join(calmops.incoming('sales'), '.sparse.part');
        await writeFile(place, '');
        await truncate(place, 2 ** 40);
        await rename(place, path.join(calmops.incoming('sales'), 'sparse.csv'));
        const beside = await sound(calmops, 'beside.csv', 3);
        const { outcome, reason } = await outcomeOf(calmops, 'sales', 'sparse.csv');
        await rm(path.join(calmops.incoming('sales'), 'sparse.csv'));
        return tried(
          outcome === 'invalid' && beside.outcome !== 'failed',
          `${outcome}: ${reason.slice(0, 80)}; beside: ${beside.outcome}`,
        );
      },
    ),
    named('one bit of the champion turned', '#18: every later file failed', async (calmops) => {
      const models = path.join(calmops.home, 'store/models');
      for (const id of await readdir(models)) await turnBit(path.join(models, id, 'model.bin'));
      const { outcome, reason } = await sound(calmops, 'after-damage.csv', 4);
      return tried(
        outcome !== 'failed' && outcome !== 'invalid',
        `${outcome}: ${reason.slice(0, 120)}`,
      );
    }),
    named(
      'watched folders that are the store, / or a pipeline’s own',
      '#19: accepted',
      async (calmops) => {
        const answers: string[] = [];
        for (const folder of ['pipelines/own', 'home/store/datasets', '/']) {
          const pipelines = path.join(calmops.folder, 'checked');
          await mkdir(path.join(pipelines, 'own'), { recursive: true });
          const watched = folder.replace('pipelines/', 'checked/');
          await writeFile(
            path.join(pipelines, 'own/pipeline.yaml'),
            `name: own\nfiles: { folder: ${path.resolve(calmops.folder, watched)} }\ntarget: y\n`,
          );
          const environment = { ...calmops.environment, CALMOPS_PIPELINES: pipelines };
          answers.push(
            await codeOf([path.join(ROOT, 'scripts/calmops.mjs'), 'check'], environment),
          );
        }
        return tried(
          answers.every((code) => code === '1'),
          `calmops check ended with ${answers.join(', ')}`,
        );
      },
    ),
    named(
      'a reader that is killed',
      '#21: its copy of the data stays for good',
      async (calmops) => {
        await drop(calmops, 'sales', 'long.csv', soundText(5, 400_000));
        const killed = await killReader(calmops, pid);
        const { outcome } = await outcomeOf(calmops, 'sales', 'long.csv');
        const left = await settledLeftovers(calmops.home);
        return tried(
          killed && outcome !== 'failed' && left.length === 0,
          `${killed ? 'killed' : 'not met'}; ${outcome}; left: ${left.length}`,
        );
      },
    ),
    named(
      'lives on through all of it',
      '#1, #2: worker, watcher and dashboard gone',
      async (calmops) => {
        const { outcome } = await sound(calmops, 'last.csv', 6);
        const isAlive = await lives();
        return tried(
          isAlive && outcome !== 'failed',
          `${isAlive ? 'the same process' : 'ended'}; the last file: ${outcome}`,
        );
      },
    ),
    named(
      'SIGTERM while it reads',
      '#4: aborted with 134 in 3 of 4 stops, the server left',
      async (calmops) => {
        await drop(calmops, 'sales', 'busy.csv', soundText(7, 400_000));
        await untilLogged(calmops, 'Handed over');
        const { code, signal } = await calmops.end('SIGTERM');
        const server = await readFile(path.join(calmops.home, 'temporal-server.json'), 'utf8').then(
          () => 'left',
          () => 'ended',
        );
        return tried(
          code === 0 && server === 'ended',
          `${signal ?? `code ${String(code)}`}; the server: ${server}`,
        );
      },
    ),
    named(
      'SIGKILL, and started again',
      '#21: copies stay; #6: the next start refused',
      async (calmops) => {
        await calmops.start();
        await setTimeout(POLL_MS);
        await calmops.end('SIGKILL');
        await calmops.start();
        const { outcome } = await outcomeOf(calmops, 'sales', 'busy.csv');
        const left = await settledLeftovers(calmops.home);
        return tried(
          left.length === 0 && outcome !== 'failed',
          `started; the file that was read: ${outcome}; left: ${left.length}`,
        );
      },
    ),
    {
      name: 'npm start: a full disk',
      before: '#6: ends with 1 and a stack, the next start refused 3 of 3',
      run: () =>
        Promise.resolve({ kind: 'not tried', why: 'shown by `npm run chaos` (full disk)' }),
    },
  ];
  return { cases, end: async () => started?.remove() };
}

async function drop(
  calmops: NpmStart,
  pipeline: string,
  name: string,
  content: string,
): Promise<void> {
  const partial = path.join(calmops.incoming(pipeline), `.${name}.part`);
  await writeFile(partial, content);
  await rename(partial, path.join(calmops.incoming(pipeline), name));
}

/** @returns whether it was dropped: not if it is too large to be read soon */
async function dropMade(
  calmops: NpmStart,
  name: string,
  make: (place: string) => Promise<void>,
): Promise<boolean> {
  const partial = path.join(calmops.incoming('hostile'), `.${name}.part`);
  await make(partial);
  const handle = await open(partial);
  const { size } = await handle.stat();
  await handle.close();
  if (size > LARGEST && size < 2 ** 31) {
    await rm(partial);
    return false;
  }
  await rename(partial, path.join(calmops.incoming('hostile'), name));
  return true;
}

async function runsOf(calmops: NpmStart, pipeline: string): Promise<readonly RunSummary[]> {
  const client = await calmops.client();
  const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
  const { runs } = await handle.query(pipelineRuns, { offset: 0, limit: 100 });
  return runs;
}

async function outcomeOf(
  calmops: NpmStart,
  pipeline: string | Pipeline,
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

async function untilLogged(calmops: NpmStart, words: string): Promise<void> {
  const logs = path.join(calmops.folder, 'logs');
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const texts = await Promise.all(
      (await readdir(logs)).map((file) => readFile(path.join(logs, file), 'utf8')),
    );
    if (texts.some((text) => text.includes(words))) return;
    await setTimeout(POLL_MS);
  }
  throw new Error(`no log says '${words}' after ${PATIENCE_MS / 1000} s`);
}

async function settledLeftovers(home: string): Promise<readonly string[]> {
  for (let tries = 60; ; tries--) {
    const left = await checkLeftovers(home);
    if (left.length === 0 || tries === 0) return left;
    await setTimeout(POLL_MS);
  }
}

/** Ends the process that reads as soon as there is a copy of the file. */
async function killReader(calmops: NpmStart, pid: number): Promise<boolean> {
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
    await setTimeout(20);
  }
  return false;
}

async function turnBit(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await rm(file);
  await appendFile(file, bytes);
}

function statusOf(port: number, host: string): Promise<number> {
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

async function codeOf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    await run(process.execPath, args, { env });
    return '0';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

/** Whoever has more buys. */
function soundText(seed: number, rows = 300): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const a = (i * 37 + seed) % 101;
    return `${a},${(i * 53 + seed) % 89},${a > 50 ? 'yes' : 'no'}`;
  });
  return ['a,b,y', ...lines].join('\n');
}
