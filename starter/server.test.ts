import assert from 'node:assert/strict';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { Connection } from '@temporalio/client';
import { connect, connectOptions } from '../shell/connection.ts';
import { PortTakenError } from '../shell/ports.ts';
import { loadSettings, type Settings } from '../shell/settings.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/contract.ts';
import { startEmbeddedServer } from './embedded-server.ts';
import { prepareNamespace } from './namespace.ts';
import { ensureSearchAttributes, SearchAttributesError } from './search-attributes.ts';
import { findOrStartTemporal, type TemporalServer } from './server.ts';
import type { TemporalCli } from './temporal-cli.ts';
import { freePorts } from '../test/support/ports.ts';
import { embeddedSkip, temporalCli } from '../test/support/temporal-cli.ts';

const cli = await temporalCli();
const skip = embeddedSkip(cli);

describe('the embedded Temporal server', { skip }, () => {
  let settings: Settings;
  let server: TemporalServer;

  before(async () => {
    settings = await temporarySettings();
    const embedded = await startEmbeddedServer(settings, 'default', cli as TemporalCli);
    server = { ...embedded, version: '' };
  });
  after(async () => {
    await server.stop();
    await rm(settings.home, { recursive: true });
  });

  it('listens on loopback and knows the search attributes', async () => {
    assert.equal(server.address, `127.0.0.1:${settings.temporalPort}`);
    const connection = await connect(connectOptions(server.address));
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    for (const name of Object.keys(SEARCH_ATTRIBUTES)) assert.ok(name in customAttributes, name);
    await connection.close();
  });

  it('is found by a second process, which leaves it running', async () => {
    const second = await findOrStartTemporal(settings);
    assert.equal(second.kind, 'running');
    assert.equal(second.address, server.address);
    assert.match(second.version, /^\d+\.\d+/);
    await second.stop();
    const connection = await connect(connectOptions(server.address));
    await connection.close();
  });

  it('does not start on a port that is taken: the message names it and says what to do', async () => {
    const elsewhere = await mkdtemp(path.join(tmpdir(), 'calmops-server-'));
    await assert.rejects(
      startEmbeddedServer({ ...settings, home: elsewhere }, 'default', cli as TemporalCli),
      (error) => {
        assert.ok(error instanceof PortTakenError);
        assert.ok(error.message.includes(String(settings.temporalPort)));
        assert.match(error.message, /CALMOPS_TEMPORAL_PORT/);
        assert.match(error.message, /TEMPORAL_ADDRESS/);
        return true;
      },
    );
    await rm(elsewhere, { recursive: true });
  });

  it('gets search attributes that are missing, and keeps those it has', async () => {
    const connection = await connect(connectOptions(server.address));
    await connection.operatorService.removeSearchAttributes({
      namespace: 'default',
      searchAttributes: ['CalmopsStage'],
    });
    await ensureSearchAttributes(connection, 'default');
    await ensureSearchAttributes(connection, 'default');
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    assert.ok('CalmopsStage' in customAttributes);
    await connection.close();
  });

  it('says what an administrator has to do when the attributes are refused', async () => {
    const connection = await connect(connectOptions(server.address));
    const refusing = {
      operatorService: {
        listSearchAttributes: () => Promise.resolve({ customAttributes: {} }),
        addSearchAttributes: () => Promise.reject(new Error('7 PERMISSION_DENIED')),
      },
    } as unknown as typeof connection;
    await assert.rejects(ensureSearchAttributes(refusing, 'prod'), (error) => {
      assert.ok(error instanceof SearchAttributesError);
      assert.match(error.message, /PERMISSION_DENIED/);
      assert.match(
        error.message,
        /search-attribute create --namespace prod --name CalmopsPipeline/,
      );
      return true;
    });
    await connection.close();
  });

  it('is used, with the commands for an administrator, where it does not tell its attributes', async () => {
    const notPermitted = (code: number) =>
      Object.assign(new Error(`${String(code)} not for clients`), {
        code,
        details: '',
        metadata: {},
      });
    for (const code of [7, 12]) {
      const cloud = {
        operatorService: { listSearchAttributes: () => Promise.reject(notPermitted(code)) },
      } as unknown as Connection;
      const advice = await ensureSearchAttributes(cloud, 'prod.a1b2c');
      assert.match(advice ?? '', /tcld namespace search-attributes add --namespace prod\.a1b2c/);
      assert.match(advice ?? '', /"CalmopsOutcome=Keyword"/);
    }
  });

  it('keeps ended runs for a month, and longer if it was told to', async () => {
    const connection = await connect(connectOptions(server.address));
    const days = async (): Promise<number> => {
      const { config } = await connection.workflowService.describeNamespace({
        namespace: 'default',
      });
      return Number(config?.workflowExecutionRetentionTtl?.seconds) / 86_400;
    };
    await prepareNamespace(connection, 'default');
    assert.equal(await days(), 30);
    await connection.workflowService.updateNamespace({
      namespace: 'default',
      config: { workflowExecutionRetentionTtl: msToTs('90 days') },
    });
    await prepareNamespace(connection, 'default');
    assert.equal(await days(), 90);
    await connection.close();
  });
});

describe('the end of an embedded Temporal server', { skip }, () => {
  it('is noticed, and a new one starts on its data', async (t) => {
    const settings = await temporarySettings();
    t.after(() => rm(settings.home, { recursive: true }));
    const first = await startEmbeddedServer(settings, 'default', cli as TemporalCli);
    const record = JSON.parse(
      await readFile(path.join(settings.home, 'temporal-server.json'), 'utf8'),
    ) as { pid: number };
    process.kill(record.pid, 'SIGKILL');
    assert.match(await first.died, /killed by SIGKILL/);
    const second = await startEmbeddedServer(settings, 'default', cli as TemporalCli);
    await second.stop();
    await second.stop();
  });
});

async function temporarySettings(): Promise<Settings> {
  const [port, uiPort] = await freePorts(2);
  return loadSettings({
    CALMOPS_HOME: await mkdtemp(path.join(tmpdir(), 'calmops-server-')),
    CALMOPS_TEMPORAL_PORT: String(port),
    CALMOPS_TEMPORAL_UI_PORT: String(uiPort),
  });
}
