import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../workflows/contract.ts';

/** `temporal.api.enums.v1.IndexedValueType` */
const INDEXED_VALUE_TYPES = { KEYWORD: 2, DOUBLE: 4 } as const;

const POLL_MS = 250;
/** A cluster's frontends reread the list of attributes about once a minute. */
const VISIBLE_WITHIN_MS = 90_000;

/** The server does not have CalmOps' search attributes and does not let them be added. */
export class SearchAttributesError extends Error {
  override name = 'SearchAttributesError';
}

/**
 * Makes sure that the namespace knows CalmOps' search attributes: a workflow that names an unknown one
 * is refused by the server.
 * @throws SearchAttributesError with the commands by which an administrator can add them
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<void> {
  const present = await presentAttributes(connection, namespace);
  const wrong = Object.entries(SEARCH_ATTRIBUTES).filter(([name, type]) => {
    const found = present.get(name);
    return found !== undefined && found !== INDEXED_VALUE_TYPES[type];
  });
  if (wrong.length > 0) {
    const names = wrong.map(([name, type]) => `${name} (must be ${type})`).join(', ');
    throw new SearchAttributesError(
      `The namespace '${namespace}' has search attributes of another type: ${names}. Use another namespace (TEMPORAL_NAMESPACE), or rename the existing ones.`,
    );
  }
  const missing = missingFrom(present);
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(
        missing.map((name) => [name, INDEXED_VALUE_TYPES[SEARCH_ATTRIBUTES[name]]]),
      ),
    });
  } catch (error) {
    throw refused(namespace, missing, error);
  }
  await untilPresent(connection, namespace);
}

type Name = keyof typeof SEARCH_ATTRIBUTES;

function missingFrom(present: ReadonlyMap<string, number>): readonly Name[] {
  const names = Object.keys(SEARCH_ATTRIBUTES) as Name[];
  return names.filter((name) => !present.has(name));
}

async function presentAttributes(
  connection: Connection,
  namespace: string,
): Promise<ReadonlyMap<string, number>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return new Map(Object.entries(customAttributes));
}

async function untilPresent(connection: Connection, namespace: string): Promise<void> {
  const deadline = Date.now() + VISIBLE_WITHIN_MS;
  for (;;) {
    const missing = missingFrom(await presentAttributes(connection, namespace));
    if (missing.length === 0) return;
    if (Date.now() > deadline)
      throw refused(namespace, missing, 'they were added, but do not show');
    await delay(POLL_MS);
  }
}

function refused(namespace: string, missing: readonly Name[], why: unknown): SearchAttributesError {
  const reason = why instanceof Error ? why.message : String(why);
  const flags = missing.map((name) => `--name ${name} --type ${SEARCH_ATTRIBUTES[name]}`);
  return new SearchAttributesError(
    [
      `The Temporal server did not take the search attributes of CalmOps (${reason}). Someone who may change the namespace has to run:`,
      `  temporal operator search-attribute create --namespace ${namespace} ${flags.join(' ')}`,
    ].join('\n'),
    { cause: why },
  );
}
