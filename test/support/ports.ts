import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range from which systems give ports to programs that ask for any: the Temporal server asks for
 * some itself, and could be given the very ones that were found free for it.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** Loopback ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
