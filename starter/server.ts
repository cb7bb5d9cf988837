import { connect, connectOptions, type ConnectOptions } from '../shell/connection.ts';
import type { Settings } from '../shell/settings.ts';
import {
  adoptEmbeddedServer,
  startEmbeddedServer,
  type EmbeddedServer,
} from './embedded-server.ts';
import { prepareNamespace } from './namespace.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { openUiDoor } from './ui-door.ts';

/** A Temporal server that answers and knows CalmOps' search attributes. */
export interface TemporalServer {
  readonly address: string;
  /** base url of its UI */
  readonly ui: string;
  /**
   * `external`: named by TEMPORAL_ADDRESS; `running`: embedded, left by or shared with another process;
   * `path`, `own`: embedded, started here with the CLI on PATH or with the project's own copy
   */
  readonly kind: 'external' | 'running' | 'path' | 'own';
  readonly version: string;
  /** Resolves, with what is known of the reason, when an embedded server ends without `stop`. */
  readonly died: Promise<string>;
  /** Stops the server if it is embedded and no other process uses it. */
  stop(): Promise<void>;
}

/**
 * Finds the Temporal server to use, or starts one: the one that TEMPORAL_ADDRESS (or Temporal's own
 * configuration file) names; an embedded server that still runs; a new embedded server, with `temporal`
 * from PATH or the project's own copy of it. It listens on loopback only and keeps its database in
 * `<home>/temporal.db`.
 * @param tell is told in a sentence when something takes time, or is for an administrator to see to
 * @throws TemporalUnreachableError, TemporalCliMissingError, PortTakenError, OwnServerError, DatabaseDamagedError,
 *   SearchAttributesError
 */
export async function findOrStartTemporal(
  settings: Settings,
  tell: (message: string) => void = () => undefined,
): Promise<TemporalServer> {
  const configured = connectOptions();
  if (configured.configured) return useExternal(settings, configured, tell);
  const { namespace } = configured;
  const server =
    (await adoptEmbeddedServer(settings, namespace, tell)) ??
    (await startEmbeddedServer(
      settings,
      namespace,
      await findTemporalCli(settings.home, tell),
      tell,
    ));
  try {
    const version = await prepare(connectOptions(server.address), tell);
    return { ...server, version, ...(await withDoor(settings, server)) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The UI of a server that another process shares has that process's door. */
async function withDoor(
  settings: Settings,
  server: EmbeddedServer,
): Promise<Pick<TemporalServer, 'ui' | 'stop'>> {
  if (server.shared) return { ui: settings.temporalUi, stop: () => server.stop() };
  const door = await openUiDoor(settings.temporalUiPort, server.ui, settings.allowedHosts);
  return {
    ui: door.url,
    stop: async () => {
      await door.close();
      await server.stop();
    },
  };
}

async function useExternal(
  settings: Settings,
  options: ConnectOptions,
  tell: (message: string) => void,
): Promise<TemporalServer> {
  return {
    address: options.connection.address,
    ui: settings.temporalUi,
    kind: 'external',
    version: await prepare(options, tell),
    died: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}

/** @returns the server's version */
async function prepare(options: ConnectOptions, tell: (message: string) => void): Promise<string> {
  const connection = await connect(options);
  try {
    const advice = await prepareNamespace(connection, options.namespace);
    if (advice !== null) tell(advice);
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    return serverVersion;
  } finally {
    await connection.close();
  }
}
