import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { readCodecKeys } from './codec-keys.ts';
import { dataConverterWith } from './data-converter.ts';
import { readSecret } from './secrets.ts';
import { loadSettings, type Settings } from './settings.ts';

/** How to reach Temporal, for clients and workers alike. */
export interface ConnectOptions {
  readonly connection: ReturnType<typeof loadClientConnectConfig>['connectionOptions'] & {
    readonly address: string;
  };
  readonly namespace: string;
  /** how payloads are written, the same for every client and worker */
  readonly dataConverter: DataConverter;
  /** whether the user named the server; otherwise the address is the default one */
  readonly configured: boolean;
}

/** A server that is back is found within seconds; by default the waits between attempts grow to two minutes. */
const RECONNECTING = {
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 2000,
};

/** Temporal cannot be reached; says where it was looked for and what to do. */
export class TemporalUnreachableError extends Error {
  override name = 'TemporalUnreachableError';
}

/**
 * Address, namespace, API key and TLS from `TEMPORAL_*` variables and the profile in Temporal's
 * configuration file; where these name no server, the one that `npm start` embeds. `TEMPORAL_API_KEY_FILE` may
 * name a file that holds the API key.
 * @param address takes the place of the configured one, for a server that this process started
 * @throws SecretError, CodecKeysError
 */
export function connectOptions(address?: string): ConnectOptions {
  const apiKey = readSecret(process.env, 'TEMPORAL_API_KEY');
  const { connectionOptions, namespace } = loadClientConnectConfig(
    apiKey === undefined
      ? {}
      : { overrideEnvVars: { ...definedVariables(), TEMPORAL_API_KEY: apiKey } },
  );
  return {
    connection: {
      ...connectionOptions,
      address: address ?? connectionOptions.address ?? embeddedAddress(loadSettings()),
    },
    namespace: namespace ?? 'default',
    dataConverter: dataConverterWith(readCodecKeys(process.env)),
    configured: connectionOptions.address !== undefined,
  };
}

function definedVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

function embeddedAddress({ temporalPort }: Settings): string {
  return `127.0.0.1:${temporalPort}`;
}

/** @throws TemporalUnreachableError */
export async function connect(options: ConnectOptions = connectOptions()): Promise<Connection> {
  try {
    return await Connection.connect({ ...options.connection, channelArgs: RECONNECTING });
  } catch (error) {
    throw unreachable(options.connection.address, error);
  }
}

/** @throws TemporalUnreachableError */
export async function connectClient(options: ConnectOptions = connectOptions()): Promise<Client> {
  const { namespace, dataConverter } = options;
  return new Client({ connection: await connect(options), namespace, dataConverter });
}

/** The error for a server that did not answer at `address`. @param cause what was found there */
export function unreachable(address: string, cause: unknown): TemporalUnreachableError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new TemporalUnreachableError(
    `No Temporal server answers at ${address} (${found}). Start one with \`npm start\`, or set TEMPORAL_ADDRESS to one that is running.`,
    { cause },
  );
}
