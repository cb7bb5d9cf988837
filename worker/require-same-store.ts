import type { NativeConnection } from '@temporalio/worker';
import { isNotPermitted } from '../shell/not-permitted.ts';
import { giveStoreId, readStoreId } from '../store/store-id.ts';

/** The workers of a namespace share one store; this one has another. */
export class OtherStoreError extends Error {
  override name = 'OtherStoreError';
}

/** By which the namespace names the store of its workers. */
const KEY = 'calmops-store';

/**
 * Makes sure that this worker has the store that the other workers of its namespace have: one with another store would
 * not find their models, and would record outcomes where nobody looks for them. The first worker of a namespace names
 * its store there. A server that does not let clients do so, such as Temporal Cloud, is not asked.
 * @param folder absolute, of the local store
 * @throws OtherStoreError saying what was found where, and what to do
 */
export async function requireSameStore(
  connection: NativeConnection,
  namespace: string,
  folder: string,
): Promise<void> {
  try {
    const expected = await namedStore(connection, namespace);
    const own = await readStoreId(folder);
    if (expected !== null) {
      if (own !== expected) throw otherStore({ namespace, folder, own, expected });
      return;
    }
    const id = own ?? (await giveStoreId(folder));
    await connection.workflowService.updateNamespace({
      namespace,
      updateInfo: { data: { [KEY]: id } },
    });
    // Two workers with different stores may have come at the same time.
    const named = await namedStore(connection, namespace);
    if (named !== null && named !== id) {
      throw otherStore({ namespace, folder, own: id, expected: named });
    }
  } catch (error) {
    if (!isNotPermitted(error)) throw error;
  }
}

async function namedStore(connection: NativeConnection, namespace: string): Promise<string | null> {
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
  const id = namespaceInfo?.data?.[KEY];
  return id === undefined || id === '' ? null : id;
}

function otherStore(found: {
  readonly namespace: string;
  readonly folder: string;
  readonly own: string | null;
  readonly expected: string;
}): OtherStoreError {
  const { namespace, folder, own, expected } = found;
  const has = own === null ? 'has no identity (its file .id is missing)' : `is ${own}`;
  return new OtherStoreError(
    [
      `The store ${folder} ${has}, but the workers of the namespace '${namespace}' use the store ${expected}.`,
      'Any one of these helps:',
      '  - if that store is away, mount it or move it back',
      '  - point CALMOPS_HOME at the home that holds it',
      '  - for an installation of its own, use another namespace (TEMPORAL_NAMESPACE) or another server',
      `  - to go on with this store for good: temporal operator namespace update --namespace ${namespace} --data ${KEY}=${own ?? ''}`,
    ].join('\n'),
  );
}
