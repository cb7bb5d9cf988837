import { SEARCH_ATTRIBUTES } from '../workflows/contract.ts';

export const LOOPBACK = '127.0.0.1';

/** A name that resolves nowhere (RFC 6761): CalmOps speaks gRPC only. */
const NOBODY = 'nobody.invalid';

const NOTED_AFTER = 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute';

/**
 * How `temporal` is started as a development server on this machine: for loopback only, with CalmOps' search
 * attributes, and a database that is written ahead. By SQLite's default each of a run's some thirty
 * transactions waits for the disk; written ahead, what a killed process had committed is still all there, and
 * a power cut may take back the last moments, never tear them.
 */
export function serverArguments({
  port,
  uiIp = LOOPBACK,
  uiPort,
  database,
  namespace,
}: {
  readonly port: number;
  /** where the UI listens, when not on 127.0.0.1 */
  readonly uiIp?: string;
  readonly uiPort: number;
  /** path of the database file; made if it is not there */
  readonly database: string;
  readonly namespace: string;
}): readonly string[] {
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type === 'DOUBLE' ? 'Double' : 'Keyword'}`,
  ]);
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK],
    ...['--port', String(port), '--ui-ip', uiIp, '--ui-port', String(uiPort)],
    // Its HTTP interface, on a port by chance, would answer to every name that resolves to this machine.
    ...['--dynamic-config-value', `frontend.httpAllowedHosts=["${NOBODY}"]`],
    // So soon a workflow whose code fails in the worker is noted in lists of workflows; by default the fifth time.
    ...['--dynamic-config-value', `${NOTED_AFTER}=2`],
    ...['--db-filename', database],
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ...['--namespace', namespace],
    ...['--log-level', 'error'],
    ...attributes,
  ];
}
