import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CannotListenError, startWeb } from './start-web.ts';

const app = (_request: unknown, response: { end(text: string): void }): void =>
  response.end('hello');

it('the dashboard listens where it says, until it is closed', async () => {
  const web = await startWeb({ app, host: '127.0.0.1', port: 0 });
  assert.equal(await (await fetch(web.url)).text(), 'hello');
  await web.close();
  await assert.rejects(fetch(web.url));
});

it('a taken port is named, with what to do', async () => {
  const first = await startWeb({ app, host: '127.0.0.1', port: 0 });
  const port = Number(new URL(first.url).port);
  try {
    await assert.rejects(startWeb({ app, host: '127.0.0.1', port }), (error: unknown) => {
      assert.ok(error instanceof CannotListenError);
      assert.match(
        error.message,
        new RegExp(`port ${String(port)}: another program does.*CALMOPS_PORT`),
      );
      return true;
    });
  } finally {
    await first.close();
  }
});
