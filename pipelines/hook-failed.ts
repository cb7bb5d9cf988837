import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

/** A hook threw, or gave back what it must not. Trying again will not help: the user's code must change. */
export class HookFailedError extends Error {
  override name = 'HookFailedError';
  /** the hook; null when hooks.ts cannot be loaded */
  readonly hook: string | null;
  /** the line of the user's code that threw, as `file:line`; just the file when the line is not known */
  readonly at: string;
  /** what went wrong, without hook and place */
  readonly fault: string;

  constructor(hook: string | null, at: string, fault: string, options?: ErrorOptions) {
    super(`${hook === null ? 'hooks' : `hook ${hook}`} (${at}): ${fault}`, options);
    this.fault = fault;
    this.hook = hook;
    this.at = at;
  }
}

/** What was thrown in a hook, attributed to the line of the user's code nearest to where it was thrown. */
export function hookFailed(hook: string | null, file: string, thrown: unknown): HookFailedError {
  if (thrown instanceof HookFailedError) return thrown;
  if (!(thrown instanceof Error)) {
    return new HookFailedError(hook, file, `threw ${inspect(thrown)}, expected an Error`);
  }
  const message = thrown.name === 'Error' ? thrown.message : `${thrown.name}: ${thrown.message}`;
  return new HookFailedError(hook, lineIn(thrown.stack ?? '', file), message, { cause: thrown });
}

/** Columns beyond this on line 1 are those of code that was brought into one line, without a source map. */
const LONGEST_FIRST_LINE = 200;

/** The first frame of a stack that lies in the folder of the hooks. */
function lineIn(stack: string, file: string): string {
  const folder = `${dirname(file)}/`;
  for (const [, location, line, column] of stack.matchAll(/(\S+?):(\d+):(\d+)\)?$/gm)) {
    if (location === undefined) continue;
    const path = pathOf(location.replace(/^\(/, ''));
    if (!path.startsWith(folder) || path.includes('/node_modules/')) continue;
    const known = line !== '1' || Number(column) <= LONGEST_FIRST_LINE;
    return known ? `${path}:${line ?? ''}` : path;
  }
  return file;
}

function pathOf(location: string): string {
  return location.startsWith('file://')
    ? fileURLToPath(location.replace(/\?.*$/, ''))
    : location.replace(/\?.*$/, '');
}
