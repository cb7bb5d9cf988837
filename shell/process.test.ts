import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';

const MODULE = new URL('./process.ts', import.meta.url).href;

/** A process whose `main` is the given code, with something left open that would keep it for ever. */
function processWith(main: string): ChildProcess {
  const code = `
    import { runProcess, aborted } from ${JSON.stringify(MODULE)};
    setInterval(() => undefined, 1000);
    const silent = { fatal: (_, message) => console.log(message) };
    await runProcess({ component: 'test', log: () => silent }, async ({ signal }) => { ${main} });
    console.log('main has ended');
  `;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function said(child: ChildProcess, words: string): Promise<void> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes(words)) return;
  }
  assert.fail(`it ended without '${words}': ${text}`);
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}

describe('a process of which something is left open', { timeout: 60_000 }, () => {
  test('ends with 1 all the same when it failed, so that its supervisor starts a new one', async () => {
    const child = processWith(`throw new Error('no such namespace');`);
    assert.equal(await exitCode(child), 1);
  });

  test('ends with what it answered, at once if it is asked to', async () => {
    const child = processWith('return 0;');
    await said(child, 'main has ended');
    child.kill('SIGTERM');
    assert.equal(await exitCode(child), 0);
  });

  test('ends with 0 when it is asked to stop and does', async () => {
    const child = processWith(`console.log('begun'); await aborted(signal); return 0;`);
    await said(child, 'begun');
    child.kill('SIGTERM');
    assert.equal(await exitCode(child), 0);
  });
});
