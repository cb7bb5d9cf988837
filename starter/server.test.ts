import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { Connection } from '@temporalio/client';
import { connect, connectOptions } from '../shell/connection.ts';
import { PortTakenError } from '../shell/ports.ts';
import { loadSettings, type Settings } from '../shell/settings.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/contract.ts';
import {
  adoptEmbeddedServer,
  OwnServerError,
  startEmbeddedServer,
  type EmbeddedServer,
} from './embedded-server.ts';
import { prepareNamespace } from './namespace.ts';
import { ensureSearchAttributes, SearchAttributesError } from './search-attributes.ts';
import { DatabaseDamagedError } from './server-database.ts';
import { findOrStartTemporal } from './server.ts';
import type { TemporalCli } from './temporal-cli.ts';
import { freePorts } from '../test/support/ports.ts';
import { embeddedSkip, temporalCli } from '../test/support/temporal-cli.ts';

const cli = await temporalCli();
const skip = embeddedSkip(cli);

describe('the embedded Temporal server', { skip }, () => {
  let settings: Settings;
  let server: EmbeddedServer;

  before(async () => {
    settings = await temporarySettings();
    server = await startEmbeddedServer(settings, 'default', cli as TemporalCli);
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

describe('an embedded Temporal server that was left', { skip }, () => {
  let settings: Settings;
  beforeEach(async () => {
    settings = await temporarySettings();
  });
  afterEach(() => rm(settings.home, { recursive: true }));

  it('is noticed when it ends, and a new one starts on its data', async () => {
    const first = await startEmbeddedServer(settings, 'default', cli as TemporalCli);
    process.kill(await pidOf(settings), 'SIGKILL');
    assert.match(await first.died, /killed by SIGKILL/);
    const second = await startEmbeddedServer(settings, 'default', cli as TemporalCli);
    await second.stop();
    await second.stop();
  });

  it('is waited for while it does not answer, visibly, and used', async (t) => {
    const first = await startEmbeddedServer(settings, 'default', cli as TemporalCli);
    t.after(() => first.stop());
    const pid = await pidOf(settings);
    // Nothing says any more whose it is; the process itself does.
    await rm(path.join(settings.home, 'temporal-server.json'));
    process.kill(pid, 'SIGSTOP');
    const said: string[] = [];
    const adopted = await adoptEmbeddedServer(settings, 'default', (message) => {
      said.push(message);
      process.kill(pid, 'SIGCONT');
    });
    assert.equal(adopted?.kind, 'running');
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', new RegExp(`own Temporal server \\(pid ${pid}\\), which is slow`));
    await adopted.stop();
    assert.match(await first.died, /the Temporal server ended/, 'it was nobody’s, so ours to end');
  });

  it('is not doubled on another port: the message names its process and its port', async (t) => {
    const first = await startEmbeddedServer(settings, 'default', cli as TemporalCli);
    t.after(() => first.stop());
    const [port = 0] = await freePorts(1);
    await assert.rejects(
      adoptEmbeddedServer({ ...settings, temporalPort: port }, 'default'),
      (error) => {
        assert.ok(error instanceof OwnServerError);
        assert.match(error.message, new RegExp(`CALMOPS_TEMPORAL_PORT=${settings.temporalPort} `));
        assert.match(error.message, /`kill \d+`/);
        return true;
      },
    );
  });

  it('is told to be damaged when its database is, with what to do', async (t) => {
    const first = await startEmbeddedServer(settings, 'default', cli as TemporalCli);
    t.after(() => first.stop());
    const pid = await pidOf(settings);
    const database = path.join(settings.home, 'temporal.db');
    await writeFile(database, Buffer.alloc(200_000, 'noise'));
    await assert.rejects(findOrStartTemporal(settings), (error) => {
      assert.ok(error instanceof DatabaseDamagedError);
      assert.match(error.message, new RegExp(`kill ${pid}.*temporal\\.db .*aside`));
      return true;
    });
  });
});

describe('a database of the embedded Temporal server', { skip }, () => {
  let settings: Settings;
  let database: string;
  before(async () => {
    settings = await temporarySettings();
    database = path.join(settings.home, 'temporal.db');
    await (await startEmbeddedServer(settings, 'default', cli as TemporalCli)).stop();
  });
  after(() => rm(settings.home, { recursive: true }));

  it('that is damaged further in is told to be, when no server starts on it', async () => {
    const header = (await readFile(database)).subarray(0, 100);
    await rm(`${database}-wal`, { force: true });
    await writeFile(database, Buffer.concat([header, Buffer.alloc(100_000, 'noise')]));
    await assert.rejects(
      startEmbeddedServer(settings, 'default', cli as TemporalCli),
      (error) =>
        error instanceof DatabaseDamagedError &&
        /malformed.*every result is in the store/s.test(error.message),
    );
  });

  it('that a killed server left empty is begun anew', async () => {
    for (const end of ['', '-wal', '-shm']) await rm(`${database}${end}`, { force: true });
    await writeFile(database, '');
    await (await startEmbeddedServer(settings, 'default', cli as TemporalCli)).stop();
  });
});

async function pidOf({ home }: Settings): Promise<number> {
  const record: unknown = JSON.parse(
    await readFile(path.join(home, 'temporal-server.json'), 'utf8'),
  );
  assert.ok(typeof record === 'object' && record !== null && 'pid' in record);
  return Number(record.pid);
}

async function temporarySettings(): Promise<Settings> {
  const [port, uiPort] = await freePorts(2);
  return loadSettings({
    CALMOPS_HOME: await mkdtemp(path.join(tmpdir(), 'calmops-server-')),
    CALMOPS_TEMPORAL_PORT: String(port),
    CALMOPS_TEMPORAL_UI_PORT: String(uiPort),
  });
}
