/** What a probe is told of the dashboard, and in passing of what it shows. */
import type { Queries } from './queries.ts';

/**
 * `ok` in the first line: the dashboard answers, and restarting it would mend nothing of what follows. Then one line for
 * each thing that a person has to look after, for monitors that look for words.
 */
export async function healthWords(queries: Queries): Promise<string> {
  const known = await queries.failingWorkflows();
  const failing = known?.value ?? [];
  return [
    'ok',
    ...(known?.stale ? [known.stale.why] : []),
    ...(failing.length > 0
      ? [`workflows whose code fails in the worker: ${failing.length} (${named(failing)})`]
      : []),
    '',
  ].join('\n');
}

const NAMED = 10;

function named(ids: readonly string[]): string {
  const more = ids.length - NAMED;
  return `${ids.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
