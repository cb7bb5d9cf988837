import type { Connection } from '@temporalio/client';
import { msToNumber, msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import { ensureSearchAttributes } from './search-attributes.ts';

/** As long as `temporal-bootstrap` gives a namespace that it makes. */
const RETENTION = '30 days';

/**
 * Makes a namespace fit for CalmOps: its search attributes, and on a development server a month for which ended runs
 * are kept, where there would be a day. How long any other server keeps them is its operator's affair.
 * @returns what someone who may change the namespace should see to, for people; null if nothing
 * @throws SearchAttributesError
 */
export async function prepareNamespace(
  connection: Connection,
  namespace: string,
): Promise<string | null> {
  const advice = await ensureSearchAttributes(connection, namespace);
  if (await isDevelopmentServer(connection)) await keepRunsForAMonth(connection, namespace);
  return advice;
}

/** `temporal server start-dev` keeps its data in SQLite, which no other server does. */
async function isDevelopmentServer(connection: Connection): Promise<boolean> {
  try {
    const { persistenceStore } = await connection.workflowService.getClusterInfo({});
    return persistenceStore === 'sqlite';
  } catch {
    // Temporal Cloud does not tell, and whoever does not tell is no development server.
    return false;
  }
}

async function keepRunsForAMonth(connection: Connection, namespace: string): Promise<void> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  const keptMs = optionalTsToMs(config?.workflowExecutionRetentionTtl) ?? 0;
  if (keptMs >= msToNumber(RETENTION)) return;
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(RETENTION) },
  });
}
