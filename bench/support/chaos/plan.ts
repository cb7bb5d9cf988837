import type { Random } from '../../../core/random.ts';
import type { EndSignal, Part } from '../parts.ts';

/** Whom a blow is meant for: a part, or a child process of a worker, which computes. */
export type Target = Part | 'child';

/** What is done to one process at some moment. */
export type Blow =
  | {
      readonly kind: 'end';
      readonly at: number;
      readonly target: Target;
      readonly signal: EndSignal;
    }
  | { readonly kind: 'stop'; readonly at: number; readonly target: Target; readonly ms: number };

export interface PlanOptions {
  /** how long the disturbances last */
  readonly durationMs: number;
  /** processes that are ended */
  readonly kills: number;
  /** longest time for which a process is stopped */
  readonly longestStopMs: number;
}

/** The worker does the most, so it is hit the most. */
const TARGETS: readonly (readonly [Target, number])[] = [
  ['worker', 30],
  ['child', 20],
  ['watcher', 15],
  ['server', 10],
  ['web', 10],
  ['secondWorker', 10],
  ['secondWatcher', 5],
];

/** Of the processes that are ended, as by a crash; the others as by a deployment. */
const CRASHES = 0.6;
/** Stops for each process that is ended. */
const STOPS = 0.3;

/**
 * Every blow in order of time, in milliseconds from the start: the same for the same numbers. They fall into equal
 * slices of time, one each, so that they are spread over the whole stream.
 */
export function planBlows(
  { durationMs, kills, longestStopMs }: PlanOptions,
  random: Random,
): readonly Blow[] {
  const moments = (count: number): readonly number[] =>
    Array.from({ length: count }, (_, i) => ((i + random()) / count) * durationMs);
  const ends = moments(kills).map((at): Blow => {
    const target = pickTarget(random);
    // A child of the worker is never asked to end by anyone but its worker.
    const signal = target === 'child' || random() < CRASHES ? 'SIGKILL' : 'SIGTERM';
    return { kind: 'end', at, target, signal };
  });
  const stops = moments(Math.ceil(kills * STOPS)).map((at): Blow => ({
    ...{ kind: 'stop', at, target: pickTarget(random) },
    // Most are short: a few are beyond the heartbeat timeout.
    ms: 500 + random() ** 3 * (longestStopMs - 500),
  }));
  return [...ends, ...stops].sort((a, b) => a.at - b.at);
}

function pickTarget(random: Random): Target {
  const total = TARGETS.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [target, weight] of TARGETS) {
    left -= weight;
    if (left < 0) return target;
  }
  return 'worker';
}
