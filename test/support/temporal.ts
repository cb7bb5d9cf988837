import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { loadSettings, type Settings } from '../../shell/settings.ts';
import { startEmbeddedServer } from '../../starter/embedded-server.ts';
import { ensureSearchAttributes } from '../../starter/search-attributes.ts';
import { TemporalCliMissingError } from '../../starter/temporal-cli.ts';
import { freePorts } from './ports.ts';
import { quietTemporal } from './quiet.ts';
import { temporalCli } from './temporal-cli.ts';

/** A real Temporal server of this test file's own, in a folder that goes with it. */
export interface TestTemporal {
  readonly settings: Settings;
  readonly client: Client;
  readonly connection: NativeConnection;
  stop(): Promise<void>;
}

/**
 * Starts the development server on free ports. Its command line tool is the one that `npm start` uses,
 * fetched once into the project.
 * @returns why not, if this machine has no Temporal CLI and cannot get it
 */
export async function startTestTemporal(): Promise<TestTemporal | string> {
  const cli = await temporalCli();
  if (cli instanceof TemporalCliMissingError) return cli.message;
  quietTemporal();
  const settings = await testSettings();
  const server = await startEmbeddedServer(settings, 'default', cli);
  const serverConnection = await Connection.connect({ address: server.address });
  await ensureSearchAttributes(serverConnection, 'default');
  const connection = await NativeConnection.connect({ address: server.address });
  return {
    settings,
    client: new Client({ connection: serverConnection, identity: 'test' }),
    connection,
    stop: async () => {
      await serverConnection.close();
      await connection.close();
      await server.stop();
      await rm(settings.home, { recursive: true, force: true });
    },
  };
}

/** Settings in a new folder and with free ports. */
export async function testSettings(): Promise<Settings> {
  const home = await mkdtemp(path.join(tmpdir(), 'calmops-test-'));
  const [port, temporalPort, temporalUiPort] = await freePorts(3);
  return loadSettings({
    CALMOPS_HOME: home,
    CALMOPS_PIPELINES: path.join(home, 'pipelines'),
    CALMOPS_LOGS: path.join(home, 'logs'),
    CALMOPS_PORT: String(port),
    CALMOPS_TEMPORAL_PORT: String(temporalPort),
    CALMOPS_TEMPORAL_UI_PORT: String(temporalUiPort),
    CALMOPS_THREADS: '2',
    CALMOPS_LOG_LEVEL: 'warn',
  });
}
