import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A port that CalmOps needs is in use; names it, what holds it if that can be known, and what to do. */
export class PortTakenError extends Error {
  override name = 'PortTakenError';
}

/**
 * @param purpose what the port is for, as in "the dashboard"
 * @param remedies what the user can do if it is taken, each as an imperative
 * @throws PortTakenError
 */
export async function requireFreePort(
  port: number,
  host: string,
  purpose: string,
  remedies: readonly string[],
): Promise<void> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    throw new PortTakenError(await describe(port, host, purpose, remedies, error), {
      cause: error,
    });
  }
  server.close();
  await once(server, 'close');
}

async function describe(
  port: number,
  host: string,
  purpose: string,
  remedies: readonly string[],
  error: unknown,
): Promise<string> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE') return `Port ${port} for ${purpose} on ${host}: ${String(error)}`;
  const holder = await holderOf(port);
  const taken = `Port ${port}, meant for ${purpose}, is taken${holder === null ? '' : ` by ${holder}`}.`;
  return [`${taken} Stop what is using it, or:`, ...remedies.map((text) => `  - ${text}`)].join(
    '\n',
  );
}

/** The listening process as lsof knows it; null where there is no lsof or it may not look. */
async function holderOf(port: number): Promise<string | null> {
  try {
    const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
    const pid = /^p(\d+)$/m.exec(stdout)?.[1];
    const command = /^c(.+)$/m.exec(stdout)?.[1];
    return pid === undefined ? null : `${command ?? 'a process'} (pid ${pid})`;
  } catch {
    return null;
  }
}
