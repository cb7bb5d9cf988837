import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { keepHealthFile } from '../../shell/health.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const temporal = await startTestTemporal();
const skip = typeof temporal === 'string' ? temporal : false;
const WITHIN_MS = 60_000;

interface Probed {
  readonly code: number | null;
  readonly said: string;
}

/** What a health check of Docker does. */
function probe(target: string): Probed {
  const { status, stderr } = spawnSync(process.execPath, ['deploy/probe.mjs', target], {
    cwd: root,
    encoding: 'utf8',
  });
  return { code: status, said: stderr };
}

async function probedUntil(target: string, wanted: (probed: Probed) => boolean): Promise<Probed> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const probed = probe(target);
    if (wanted(probed) || Date.now() > deadline) return probed;
    await delay(200);
  }
}

describe('a health file', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-health-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const fileWith = async (content: string): Promise<string> => {
    const file = path.join(folder, 'written.json');
    await writeFile(file, content);
    return file;
  };

  test('says what keeps a process from its work, and is gone when the process stops', async () => {
    const healthFile = path.join(folder, 'run', 'health.json');
    let problems: readonly string[] = [];
    const health = keepHealthFile({
      settings: { healthFile },
      component: 'watcher',
      logger: pino({ level: 'silent' }),
      look: () => Promise.resolve({ problems, facts: {} }),
      everyMs: 20,
    });
    assert.equal((await probedUntil(healthFile, ({ code }) => code === 0)).code, 0);
    problems = ['The inbox is full.'];
    const ill = await probedUntil(healthFile, ({ said }) => said.includes('inbox'));
    assert.equal(ill.code, 1);
    await health.close();
    assert.equal(existsSync(healthFile), false);
    assert.equal(probe(healthFile).code, 1);
  });

  test('that has grown old is of a process that hangs', async () => {
    const old = new Date(Date.now() - 61_000).toISOString();
    const file = await fileWith(
      JSON.stringify({ component: 'worker', at: old, healthy: true, problems: [] }),
    );
    const { code, said } = probe(file);
    assert.equal(code, 1);
    assert.match(said, /the worker has said nothing since/);
  });

  for (const content of ['', '{', '{}', '{"healthy":true,"at":"soon"}']) {
    test(`that holds '${content}' is no health`, async () => {
      assert.equal(probe(await fileWith(content)).code, 1);
    });
  }
});

describe('the processes behind a health check', { skip }, () => {
  const running: ChildProcess[] = [];
  const fileOf = (command: string): string =>
    path.join((temporal as TestTemporal).settings.home, `${command}.health.json`);
  before(async () => {
    const { settings } = temporal as TestTemporal;
    await mkdir(settings.pipelinesFolder, { recursive: true });
    for (const command of ['worker', 'watch']) {
      running.push(
        spawn(process.execPath, ['scripts/calmops.mjs', command], {
          cwd: root,
          stdio: 'ignore',
          env: {
            ...process.env,
            CALMOPS_HOME: settings.home,
            CALMOPS_PIPELINES: settings.pipelinesFolder,
            CALMOPS_LOGS: settings.logsFolder,
            CALMOPS_THREADS: '1',
            CALMOPS_HEALTH_FILE: fileOf(command),
            TEMPORAL_ADDRESS: `127.0.0.1:${String(settings.temporalPort)}`,
          },
        }),
      );
    }
  });
  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    await (temporal as TestTemporal).stop();
  });

  test('are well while the server answers, and end with 0 when they are asked to', async () => {
    for (const command of ['worker', 'watch']) {
      const { code, said } = await probedUntil(fileOf(command), (probed) => probed.code === 0);
      assert.equal(code, 0, `${command}: ${said}`);
    }
    for (const child of running) {
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      assert.equal(code, 0);
    }
    for (const command of ['worker', 'watch']) assert.equal(existsSync(fileOf(command)), false);
  });
});
