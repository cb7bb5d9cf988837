import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Dropped } from './chaos/stream.ts';
import type { Installation } from './installation.ts';
import { checkEnds } from './invariants/ends.ts';
import { checkHistories } from './invariants/histories.ts';
import { checkLeftovers } from './invariants/leftovers.ts';
import { checkRuns } from './invariants/runs.ts';
import { checkStore } from './invariants/store.ts';
import { isAlive, processesWith, type ProcessFacts } from './linux-processes.ts';
import { orphansOf } from './parts.ts';

/**
 * Checks the invariants of ARCHITECTURE.md on what an installation left: its store, its histories on the server, its
 * folders and processes, read here and not as CalmOps tells them. The parts are ended for it, the server last.
 * @param stream what was dropped, in order
 * @returns what is broken, a sentence each
 */
export async function checkInvariants(
  installation: Installation,
  stream: readonly Dropped[],
): Promise<readonly string[]> {
  const { client, home, parts, folder } = installation;
  const store = path.join(home, 'store');
  const pipelines = [...new Set(stream.map(({ pipeline }) => pipeline))];
  const histories = await checkHistories({ client, store, pipelines, stream });
  const log = await readFile(path.join(folder, 'watcher.log'));
  for (const part of ['web', 'secondWatcher', 'watcher', 'secondWorker', 'worker'] as const) {
    await parts.end(part, 'SIGTERM');
  }
  await parts.end('server', 'SIGTERM');
  const orphans = await untilGone(async () => [
    ...(await orphansOf(parts.ends)),
    ...(await processesWith(folder)),
  ]);
  return [
    ...histories,
    ...checkEnds(parts.ends),
    ...orphans.map(({ pid, name }) => `process ${pid} (${name}) outlived the part that started it`),
    ...(await checkStore(store)),
    ...(await checkRuns({ store, pipelines, stream, log })),
    ...(await checkLeftovers(home)),
  ];
}

/** How long children may take to notice that their parent is gone. */
const NOTICE_MS = 10_000;

async function untilGone(
  find: () => Promise<readonly ProcessFacts[]>,
): Promise<readonly ProcessFacts[]> {
  const deadline = performance.now() + NOTICE_MS;
  for (;;) {
    const found = await find();
    const alive = await Promise.all(found.map(isAlive));
    const left = new Map(found.filter((_, i) => alive[i]).map((each) => [each.pid, each]));
    if (left.size === 0 || performance.now() > deadline) return [...left.values()];
    await setTimeout(250);
  }
}
