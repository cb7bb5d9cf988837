import { setTimeout } from 'node:timers/promises';

/** What the dashboard answered while everything around it failed. */
export interface Visits {
  /** how many visits ended so: a status, or 'no answer' while it does not run */
  readonly answers: Map<string, number>;
  /** answers that no fault excuses, a sentence each */
  readonly faults: string[];
}

const PAUSE_MS = 500;
const PATIENCE_MS = 30_000;

/** Visits pages, one after the other, until the signal is aborted. */
export async function visitPages(
  dashboard: string,
  pipelines: readonly string[],
  { visits, signal }: { readonly visits: Visits; readonly signal: AbortSignal },
): Promise<void> {
  const pages = ['/', ...pipelines.flatMap(pagesOf)];
  for (let i = 0; !signal.aborted; i++) {
    const page = pages[i % pages.length] ?? '/';
    const answer = await visit(`${dashboard}${page}`);
    visits.answers.set(answer, (visits.answers.get(answer) ?? 0) + 1);
    // What is out of reach is 503, what is not known yet 404: a page that fails by itself is a fault of ours.
    if (answer === '500') visits.faults.push(`the page ${page} answered 500`);
    await setTimeout(PAUSE_MS);
  }
}

function pagesOf(pipeline: string): readonly string[] {
  return [`/pipelines/${pipeline}`, `/pipelines/${pipeline}/models`];
}

/** A dashboard that is killed or stopped does not answer, which is what is meant to happen to it. */
async function visit(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.arrayBuffer();
    return String(response.status);
  } catch (error) {
    if (error instanceof Error) return 'no answer';
    throw error;
  }
}
