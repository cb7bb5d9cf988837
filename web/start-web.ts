import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RunningWeb {
  readonly url: string;
  /** Answers what is under way, for at most five seconds, then ends. */
  close(): Promise<void>;
}

/** The dashboard cannot listen; says where and what to do. */
export class CannotListenError extends Error {
  override name = 'CannotListenError';
}

/** A client that is slow to send its headers is not waited for longer. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Listens for browsers.
 * @param port 0 lets the system choose a free one
 * @throws CannotListenError
 */
export async function startWeb({
  app,
  host,
  port,
}: {
  readonly app: RequestListener;
  readonly host: string;
  readonly port: number;
}): Promise<RunningWeb> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  // A client that keeps its connection for the next request would hold a server that is to end: so it is the last answer on it.
  server.on('request', (_request, response) => {
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections();
    });
  });
  server.on('request', app);
  const address = await listen(server, host, port);
  return { url: urlOf(host, address), close: () => close(server) };
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new CannotListenError(reasonOf(error, host, port), { cause: error }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') {
        reject(new CannotListenError(`The dashboard has no port on ${host}.`));
      } else {
        resolve(address);
      }
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  const place = `${host} port ${String(port)}`;
  if (error.code === 'EADDRINUSE') {
    return `The dashboard cannot listen on ${place}: another program does. Stop it, or set CALMOPS_PORT to a free port.`;
  }
  if (error.code === 'EACCES') {
    return `The dashboard may not listen on ${place}. Set CALMOPS_PORT to a port above 1023.`;
  }
  return `The dashboard cannot listen on ${place}: ${error.message}`;
}

/** A wildcard address is listened on, but cannot be visited. */
function urlOf(host: string, { port, family }: AddressInfo): string {
  const visitable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const name = family === 'IPv6' && visitable.includes(':') ? `[${visitable}]` : visitable;
  return `http://${name}:${String(port)}`;
}

/** A client that does not read its answer, or says nothing, is not waited for longer. */
const CLOSE_WITHIN_MS = 5_000;

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
    server.close((error) => {
      clearTimeout(late);
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeIdleConnections();
  });
}
