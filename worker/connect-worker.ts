import { NativeConnection } from '@temporalio/worker';
import { connectOptions, unreachable, type ConnectOptions } from '../shell/connection.ts';

/**
 * The connection that a worker polls with. It is apart from the connections of clients, since its package takes 17 MB
 * that processes without a worker do not need.
 * @throws TemporalUnreachableError
 */
export async function connectWorker(
  options: ConnectOptions = connectOptions(),
): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options.connection);
  } catch (error) {
    throw unreachable(options.connection.address, error);
  }
}
