import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TemporalCliMissingError } from '../starter/temporal-cli.ts';
import { freePorts } from '../test/support/ports.ts';
import { embeddedSkip, temporalCli } from '../test/support/temporal-cli.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const WITHOUT_FIRST_ROW = `interface Frame { iloc(rows: { rows: string[] }): Frame }
export default { preprocess: (frame: Frame) => frame.iloc({ rows: ['1:'] }) };
`;

const cli = await temporalCli();
const skip = embeddedSkip(cli);

describe('npm start with a pipeline of one’s own', { skip }, () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let up: ChildProcess;
  let lines: AsyncIterator<string, undefined>;
  const printed: string[] = [];

  /** Reads on to the line that begins so. */
  const line = async (start: string): Promise<string> => {
    for (;;) {
      const { value } = await lines.next();
      assert.ok(value !== undefined, `ended without '${start}':\n${printed.join('\n')}`);
      printed.push(value);
      if (value.startsWith(start)) return value;
    }
  };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-up-'));
    await mkdir(path.join(folder, 'pipelines/sales'), { recursive: true });
    await mkdir(path.join(folder, 'pipelines/broken'), { recursive: true });
    await writeFile(
      path.join(folder, 'pipelines/sales/pipeline.yaml'),
      `files: { folder: '${folder}/incoming', glob: '*.csv' }\ntarget: bought\n`,
    );
    // Not within a package, where a hooks.ts is a CommonJS module.
    await writeFile(path.join(folder, 'pipelines/sales/hooks.ts'), WITHOUT_FIRST_ROW);
    await writeFile(path.join(folder, 'pipelines/broken/pipeline.yaml'), 'target: 5\n');
    env = await environment(folder);
    up = spawn(process.execPath, ['scripts/calmops.mjs', 'up'], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(up.stdout !== null);
    lines = createInterface(up.stdout)[Symbol.asyncIterator]() as AsyncIterator<string, undefined>;
  });
  after(async () => {
    if (up.exitCode === null && up.signalCode === null) {
      up.kill('SIGTERM');
      await once(up, 'exit');
    }
    await rm(folder, { recursive: true });
  });

  it('prints a line for each part, with its address, and what is wrong with a pipeline', async () => {
    assert.match(await line('Temporal'), /127\.0\.0\.1:\d+/);
    assert.match(await line('worker'), /compute threads/);
    const dashboard = /http:\S+/.exec(await line('dashboard'))?.[0] ?? '';
    assert.match(await line('watcher'), /sales/);
    await line('watcher     broken is left alone');
    await line('Ctrl-C');
    assert.equal((await fetch(`${dashboard}/healthz`)).status, 200);
  });

  it('runs a file by hand and prints the decision; the same again prints what was recorded', async () => {
    const file = path.join(folder, 'january.csv');
    await writeFile(file, salesOf(300));
    const first = await starter(['--pipeline', 'sales', file], env);
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /january\.csv +trained +299/, 'all but the row that the hook drops');
    const second = await starter(['--pipeline', 'sales', file], env);
    assert.match(second.output, /january\.csv +trained \(before\)/);
  });

  it('answers 1 for a file that is no dataset', async () => {
    const file = path.join(folder, 'nothing.csv');
    await writeFile(file, '');
    const { code, output } = await starter(['--pipeline', 'sales', file], env);
    assert.equal(code, 1, output);
    assert.match(output, /nothing\.csv +invalid/);
  });

  it('takes a file from the watched folder, and writes of it in the log of the pipeline', async () => {
    const february = path.join(folder, 'incoming/february.csv');
    await writeFile(february, salesOf(299));
    const log = path.join(folder, 'logs/sales.log');
    while (!/Handed over 1 file"/.test(await readFile(log, 'utf8').catch(() => '')))
      await delay(50);
    const { code, output } = await starter(['--pipeline', 'sales', february], env);
    assert.match(output, /february\.csv/);
    assert.notEqual(code, 1, output);
  });

  it('stops everything on one Ctrl-C, however often it arrives at once, with exit code 0', async () => {
    up.kill('SIGINT');
    up.kill('SIGINT');
    const [code] = (await once(up, 'exit')) as [number | null];
    assert.equal(code, 0);
    await assert.rejects(readFile(path.join(folder, 'home/temporal-server.json')), /ENOENT/);
  });
});

async function starter(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, ['scripts/calmops.mjs', 'start', ...args], {
    cwd: ROOT,
    env: { ...env, TEMPORAL_ADDRESS: `127.0.0.1:${env['CALMOPS_TEMPORAL_PORT']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** The fetched CLI is shared by giving the processes a PATH on which it is. */
async function environment(folder: string): Promise<NodeJS.ProcessEnv> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  if (!(cli instanceof TemporalCliMissingError) && cli.kind === 'own') {
    await symlink(cli.command, path.join(bin, 'temporal'));
  }
  const [port, temporalPort, temporalUiPort] = await freePorts(3);
  return {
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
    CALMOPS_HOME: path.join(folder, 'home'),
    CALMOPS_LOGS: path.join(folder, 'logs'),
    CALMOPS_PIPELINES: path.join(folder, 'pipelines'),
    CALMOPS_PORT: String(port),
    CALMOPS_TEMPORAL_PORT: String(temporalPort),
    CALMOPS_TEMPORAL_UI_PORT: String(temporalUiPort),
  };
}

/** Whoever has visited more often buys. */
function salesOf(rows: number): string {
  const body = Array.from({ length: rows }, (_, i) => {
    const visits = (i * 37) % 101;
    return `${visits},${(i * 53) % 89},${visits > 50 ? 'yes' : 'no'}`;
  });
  return ['visits,age,bought', ...body].join('\n');
}
