import { DefaultLogger, Runtime } from '@temporalio/worker';

let quiet = false;

/** Keeps the SDK's log of expected failures out of the tests' output. Before the first worker of a process. */
export function quietTemporal(): void {
  if (quiet) return;
  quiet = true;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}
