import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from '@temporalio/client';
import { connect, connectOptions } from '../shell/connection.ts';
import { loadSettings, type Settings } from '../shell/settings.ts';
import { freePorts } from '../test/support/ports.ts';
import { embeddedSkip, temporalCli } from '../test/support/temporal-cli.ts';
import { serverArguments } from './server-arguments.ts';
import { findServerOf } from './server-process.ts';
import { findOrStartTemporal, type TemporalServer } from './server.ts';

const skip = embeddedSkip(await temporalCli());

const onLinux = { skip: process.platform === 'linux' ? false : 'this system has no /proc' };

/** A path of the UI's and of the server's own HTTP interface that signals a pipeline. */
const SIGNAL = '/api/v1/namespaces/default/workflows/sales/signal/datasetsArrived';

describe('the embedded Temporal server and its UI', { skip }, () => {
  let settings: Settings;
  let server: TemporalServer;
  let client: Client;

  before(async () => {
    const [port, uiPort] = await freePorts(2);
    settings = loadSettings({
      CALMOPS_HOME: await mkdtemp(path.join(tmpdir(), 'calmops-door-')),
      CALMOPS_TEMPORAL_PORT: String(port),
      CALMOPS_TEMPORAL_UI_PORT: String(uiPort),
      CALMOPS_ALLOWED_HOSTS: 'calm.example',
    });
    server = await findOrStartTemporal(settings);
    client = new Client({ connection: await connect(connectOptions(server.address)) });
    await client.workflow.start('monitorPipeline', { workflowId: 'sales', taskQueue: 'nobody' });
  });
  after(async () => {
    await client.connection.close();
    await server.stop();
    await rm(settings.home, { recursive: true });
  });

  it('are looked into on this machine and under the allowed names', async () => {
    for (const host of ['127.0.0.1', 'localhost', 'calm.example', `CALM.example:8233`]) {
      assert.equal((await ask(settings.temporalUiPort, host, 'GET', '/')).status, 200, host);
    }
    const page = '/api/v1/namespaces/default/workflows/sales';
    let answer = await ask(settings.temporalUiPort, 'localhost', 'GET', page);
    // The UI reaches its server a moment after it answers itself.
    while (answer.status === 503)
      answer = await ask(settings.temporalUiPort, 'localhost', 'GET', page);
    const { status, body } = answer;
    assert.equal(status, 200, body);
    assert.match(body, /monitorPipeline/);
  });

  it('answer 421 to a foreign host name, whatever is asked', async () => {
    for (const host of ['evil.com', '127.0.0.1.evil.com', '0.0.0.0', 'localhost.']) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const { status } = await ask(settings.temporalUiPort, host, method, SIGNAL);
        assert.equal(status, 421, `${method} ${host}`);
      }
    }
  });

  it(
    'let no web page signal a pipeline: not through the UI, nor the server’s own ports',
    onLinux,
    async () => {
      const running = await findServerOf(path.join(settings.home, 'temporal.db'));
      assert.ok(running !== null);
      const ports = await loopbackPortsOf(running.pid);
      assert.ok(ports.includes(settings.temporalPort));
      for (const port of [...ports, settings.temporalUiPort]) {
        for (const host of ['evil.com', `127.0.0.1:${port}`]) {
          const { status } = await ask(port, host, 'POST', SIGNAL).catch(() => ({ status: 0 }));
          assert.notEqual(status, 200, `port ${port} as ${host}`);
          const read = '/api/v1/namespaces/default/workflows/sales';
          if (host !== 'evil.com') continue;
          const { body } = await ask(port, host, 'GET', read).catch(() => ({ body: '' }));
          assert.doesNotMatch(body, /monitorPipeline/, `port ${port} as ${host}`);
        }
      }
      const { events } = await client.workflow.getHandle('sales').fetchHistory();
      const signals =
        events?.filter((event) => event.workflowExecutionSignaledEventAttributes) ?? [];
      assert.equal(signals.length, 0);
    },
  );

  it('hide the UI itself at an address that a page cannot guess', onLinux, async () => {
    const running = await findServerOf(path.join(settings.home, 'temporal.db'));
    assert.match(running?.ui.host ?? '', /^127\.(?!0\.0\.1$)/);
    assert.equal((await fetch(server.ui)).status, 200);
  });
});

it('the server of compose and benchmarks has its UI on loopback, where no other address is given', () => {
  const args = serverArguments({ port: 1, uiPort: 2, database: 'x', namespace: 'default' });
  assert.equal(args[args.indexOf('--ui-ip') + 1], '127.0.0.1');
});

async function ask(
  port: number,
  host: string,
  method: string,
  url: string,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path: url,
        headers: { host, 'content-type': 'text/plain' },
      },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => (body += text));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
        answer.on('error', reject);
      },
    );
    asked.setTimeout(10_000, () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end(method === 'GET' ? undefined : '{"signalName":"datasetsArrived"}');
  });
}

/** Ports of 127.0.0.1 on which a process listens. */
async function loopbackPortsOf(pid: number): Promise<readonly number[]> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(folder)).map((fd) => readlink(path.join(folder, fd)).catch(() => '')),
  );
  const sockets = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const table = await readFile(`/proc/${pid}/net/tcp`, 'utf8');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address, port = ''] = local.split(':');
    const listens = state === '0A' && address === '0100007F' && sockets.has(inode);
    return listens ? [parseInt(port, 16)] : [];
  });
}
