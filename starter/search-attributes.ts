import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { isNotPermitted } from '../shell/not-permitted.ts';
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
 * is refused by the server. Where the server does not say which there are, as on Temporal Cloud, they are taken to be
 * there.
 * @returns the commands by which an administrator adds them, where the server does not tell; null where all are there
 * @throws SearchAttributesError with those commands, if attributes are missing
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<string | null> {
  const present = await presentAttributes(connection, namespace).catch((error: unknown) => {
    if (isNotPermitted(error)) return null;
    throw error;
  });
  if (present === null) return untold(namespace);
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
  if (missing.length === 0) return null;
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
  return null;
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
  const deadline = performance.now() + VISIBLE_WITHIN_MS;
  for (;;) {
    const missing = missingFrom(await presentAttributes(connection, namespace));
    if (missing.length === 0) return;
    if (performance.now() > deadline)
      throw refused(namespace, missing, 'they were added, but do not show');
    await delay(POLL_MS);
  }
}

function refused(namespace: string, missing: readonly Name[], why: unknown): SearchAttributesError {
  const reason = why instanceof Error ? why.message : String(why);
  return new SearchAttributesError(
    [
      `The Temporal server did not take the search attributes of CalmOps (${reason}). Someone who may change the namespace has to run:`,
      ...commands(namespace, missing),
    ].join('\n'),
    { cause: why },
  );
}

function untold(namespace: string): string {
  return [
    `The Temporal server does not say which search attributes the namespace '${namespace}' has. CalmOps goes on as if its own were there. If workflows are refused for them, someone who may change the namespace has to run:`,
    ...commands(namespace, missingFrom(new Map())),
  ].join('\n');
}

/** For servers of one's own, and for Temporal Cloud. */
function commands(namespace: string, names: readonly Name[]): readonly string[] {
  const flags = names.map((name) => `--name ${name} --type ${typeWords(name)}`);
  const pairs = names.map((name) => `--search-attribute "${name}=${typeWords(name)}"`);
  return [
    `  temporal operator search-attribute create --namespace ${namespace} ${flags.join(' ')}`,
    `or, on Temporal Cloud:`,
    `  tcld namespace search-attributes add --namespace ${namespace} ${pairs.join(' ')}`,
  ];
}

function typeWords(name: Name): string {
  return SEARCH_ATTRIBUTES[name] === 'DOUBLE' ? 'Double' : 'Keyword';
}
