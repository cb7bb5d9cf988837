import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
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

it('a client that keeps its connection gets the answer under way, and no other one, when the dashboard is closed', async (t) => {
  const asked = resolvable<ServerResponse>();
  const web = await startWeb({
    app: (_request, response) => asked.resolve(response),
    ...{ host: '127.0.0.1', port: 0 },
  });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const answer = answerOf(web.url, agent);
  const response = await asked.promise;
  const closed = web.close();
  response.end('the last one');
  assert.equal(await answer, 'the last one');
  await assert.rejects(answerOf(web.url, agent));
  await closed;
});

it('a client that says nothing does not keep the dashboard from closing', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const web = await startWeb({ app, host: '127.0.0.1', port: 0 });
  const { hostname, port } = new URL(web.url);
  const silent = connect(Number(port), hostname);
  await once(silent, 'connect');
  await (await fetch(web.url)).text();
  const closed = web.close();
  t.mock.timers.tick(5_000);
  await closed;
  silent.destroy();
});

async function answerOf(url: string, agent: Agent): Promise<string> {
  const [message] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

function resolvable<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
