import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { knownHosts } from '../core/known-hosts.ts';
import { requireFreePort } from '../shell/ports.ts';
import { LOOPBACK } from './server-arguments.ts';

/** Where the Temporal UI itself listens. */
export interface UiAddress {
  readonly host: string;
  readonly port: number;
}

export interface UiDoor {
  /** base url under which people open the Temporal UI */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The door to the Temporal UI. The UI answers to any `Host`, so that a page elsewhere could read
 * histories and signal pipelines through DNS rebinding: the door lets in requests under known names only.
 * @param allowed host names without port, besides the loopback ones
 * @param host where the door listens; absent: on loopback
 * @throws PortTakenError
 */
export async function openUiDoor(
  port: number,
  ui: UiAddress,
  allowed: readonly string[],
  host = LOOPBACK,
): Promise<UiDoor> {
  await requireFreePort(port, host, 'the Temporal UI', [
    'choose another one with CALMOPS_TEMPORAL_UI_PORT',
  ]);
  const isKnown = knownHosts(allowed);
  const server = createServer((incoming, outgoing) => {
    if (isKnown(incoming.headers.host)) passOn(incoming, outgoing, ui);
    else
      refuse(outgoing, 421, 'Unknown host name. Add it to CALMOPS_ALLOWED_HOSTS if it is yours.');
  });
  // An upgraded connection would not be checked again; the UI asks for none.
  server.on('upgrade', (_incoming, socket) => socket.destroy());
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, ui: UiAddress): void {
  const { method, url, headers } = incoming;
  const onward = request({ ...ui, method, path: url, headers });
  onward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
    // Half an answer must not look like a whole one.
    answer.on('error', () => outgoing.destroy());
  });
  onward.on('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy();
    else refuse(outgoing, 502, `The Temporal UI does not answer: ${error.message}`);
  });
  // A browser that went away needs no answer.
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

function refuse(outgoing: ServerResponse, status: number, message: string): void {
  outgoing.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    // What is left of the request is not read.
    Connection: 'close',
  });
  outgoing.end(`${message}\n`);
}
