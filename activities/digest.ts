import { createHash } from 'node:crypto';

/** A short name for a JSON value: equal values, equal names. 12 hex digits. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
