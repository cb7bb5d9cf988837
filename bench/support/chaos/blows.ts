import { kill } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { hasCode } from '../../../core/error-code.ts';
import type { Random } from '../../../core/random.ts';
import type { Installation } from '../installation.ts';
import { descendantsOf, isAlive } from '../linux-processes.ts';
import { PARTS, type EndSignal, type Part } from '../parts.ts';
import type { Claims } from './claims.ts';
import type { Blow, Target } from './plan.ts';

/** A blow that fell. */
export interface Fallen {
  readonly what: EndSignal | 'SIGSTOP';
  readonly target: Target;
}

export interface BlowsOptions {
  readonly installation: Installation;
  readonly claims: Claims<Part>;
  readonly random: Random;
  /** longest time for which a part that was ended stays away */
  readonly longestAwayMs: number;
}

/**
 * Deals the blows at their times, and starts again what they end. One does not wait until what another has ended is back: many
 * would come so late that they hit an installation whose files are all finished.
 */
export async function dealBlows(
  blows: readonly Blow[],
  options: BlowsOptions,
): Promise<readonly Fallen[]> {
  return Promise.all(
    blows.map(async (blow) => {
      await setTimeout(blow.at);
      return deal(blow, options);
    }),
  );
}

/** A target that does not run, or that another disturbance has, is stood in for by one that does. */
async function deal(blow: Blow, options: BlowsOptions): Promise<Fallen> {
  if (blow.target === 'child') {
    const hit = await hitChild(blow, options);
    if (hit !== null) return hit;
  }
  const [part, release] = await claimPart(blow.target, options);
  try {
    return blow.kind === 'end'
      ? await endPart(part, blow.signal, options)
      : await stopPart(part, blow.ms, options);
  } finally {
    release();
  }
}

/** null where no worker has a child at the moment */
async function hitChild(
  blow: Blow,
  { installation, random }: BlowsOptions,
): Promise<Fallen | null> {
  const workers = (['worker', 'secondWorker'] as const).map((part) => installation.parts.pid(part));
  const running = workers.filter((pid) => pid !== null);
  const children = (await Promise.all(running.map(descendantsOf))).flat();
  const child = children[Math.floor(random() * children.length)];
  if (child === undefined || !(await isAlive(child))) return null;
  if (blow.kind === 'end') {
    return signal(child.pid, 'SIGKILL') ? { what: 'SIGKILL', target: 'child' } : null;
  }
  if (!signal(child.pid, 'SIGSTOP')) return null;
  await setTimeout(blow.ms);
  if (await isAlive(child)) signal(child.pid, 'SIGCONT');
  return { what: 'SIGSTOP', target: 'child' };
}

async function claimPart(
  target: Target,
  { installation, claims, random }: BlowsOptions,
): Promise<readonly [Part, () => void]> {
  const first: readonly Part[] = target === 'child' ? ['worker', 'secondWorker'] : [target];
  for (;;) {
    const others = PARTS.filter((part) => !first.includes(part));
    const from = Math.floor(random() * others.length);
    for (const part of [...first, ...others.slice(from), ...others.slice(0, from)]) {
      if (installation.parts.pid(part) === null) continue;
      const release = claims.tryClaim(part);
      if (release !== null) return [part, release];
    }
    await setTimeout(50);
  }
}

async function endPart(
  part: Part,
  signalToSend: EndSignal,
  { installation, random, longestAwayMs }: BlowsOptions,
): Promise<Fallen> {
  await installation.parts.end(part, signalToSend);
  await setTimeout(random() * longestAwayMs);
  await installation.parts.start(part);
  return { what: signalToSend, target: part };
}

async function stopPart(part: Part, ms: number, { installation }: BlowsOptions): Promise<Fallen> {
  const pid = installation.parts.pid(part);
  if (pid !== null && signal(pid, 'SIGSTOP')) {
    await setTimeout(ms);
    signal(pid, 'SIGCONT');
  }
  return { what: 'SIGSTOP', target: part };
}

/** @returns false if the process has ended in between */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return kill(pid, name);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}
