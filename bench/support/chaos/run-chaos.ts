import { setTimeout } from 'node:timers/promises';
import { createRandom, deriveSeed } from '../../../core/random.ts';
import { differences } from '../final-state.ts';
import { whyNoMount, type Installation, type PipelineYamls } from '../installation.ts';
import { PARTS, type EndOfPart, type Part } from '../parts.ts';
import { dealBlows, type Fallen } from './blows.ts';
import { createClaims, type Claims } from './claims.ts';
import { FAULTS, letHappen, type FaultName } from './faults.ts';
import { liveThrough } from './live-through.ts';
import { planBlows } from './plan.ts';
import type { Dropped } from './stream.ts';
import { visitPages, type Visits } from './visits.ts';

export interface ChaosOptions {
  /** what is dropped, in order, into the folders of these pipelines */
  readonly stream: readonly Dropped[];
  readonly pipelines: PipelineYamls;
  readonly minutes: number;
  /** processes that are ended meanwhile */
  readonly kills: number;
  readonly seed: number;
  /** how long a fault of the surroundings lasts; the server stays away for several times that */
  readonly faultMs: number;
  /** longest wait for one more outcome after the last disturbance */
  readonly patienceMs: number;
  /** is told in one sentence what goes on */
  readonly tell: (message: string) => void;
}

/** What became of a fault: how often it was let happen, or why it was not. */
export interface FaultTally {
  readonly name: FaultName;
  readonly times: number;
  readonly whyNot: string | null;
}

export interface ChaosResult {
  readonly fallen: readonly Fallen[];
  readonly faults: readonly FaultTally[];
  readonly ends: readonly EndOfPart[];
  readonly visits: Visits;
  readonly dropped: number;
  readonly recoverySeconds: number;
  /** where the final state differs from that of the undisturbed run, a line each */
  readonly differences: readonly string[];
  /** broken invariants, a sentence each */
  readonly violations: readonly string[];
}

/** Home of the installation that is disturbed: small enough to be filled at once, large enough for the stream. */
const HOME_MB = 384;
const LONGEST_STOP_MS = 40_000;

/**
 * Runs the stream twice, each time through an installation of its own: left alone, and while its processes are
 * killed, stopped and replaced and its surroundings fail. Compares the final states, and checks the invariants of both.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { stream, pipelines, seed, minutes, patienceMs, tell } = options;
  tell(`${stream.length} files, seed ${seed}. First without any disturbance`);
  const undisturbed = await liveThrough({
    ...{ stream, pipelines, patienceMs, feedMs: 0 },
    installOptions: { parts: ['server', 'worker', 'watcher', 'web'] },
    disturb: () => Promise.resolve([]),
  });
  tell(
    `Undisturbed, it took ${undisturbed.recoverySeconds.toFixed(0)} s. Now the same with faults`,
  );
  const noDisk = await whyNoMount();
  const disturbance = new Disturbance(options, noDisk === null);
  const durationMs = minutes * 60_000;
  const disturbed = await liveThrough({
    ...{ stream, pipelines, patienceMs, feedMs: 0.85 * durationMs },
    installOptions: {
      parts: ['server', 'worker', 'watcher', 'web'],
      supervised: true,
      ...(noDisk === null ? { homeMb: HOME_MB } : {}),
    },
    disturb: (installation, folders) => disturbance.run(installation, folders),
  });
  const { ends, recoverySeconds } = disturbed;
  return {
    ...{ fallen: disturbance.fallen, faults: disturbance.tallies(), visits: disturbance.visits },
    ...{ ends, recoverySeconds, dropped: stream.length },
    differences: differences(undisturbed.state, disturbed.state),
    violations: [
      ...undisturbed.violations.map((sentence) => `undisturbed: ${sentence}`),
      ...disturbed.violations,
    ],
  };
}

/** All that is done to one installation. */
class Disturbance {
  fallen: readonly Fallen[] = [];
  readonly visits: Visits = { answers: new Map(), faults: [] };
  readonly #options: ChaosOptions;
  readonly #ownDisk: boolean;
  readonly #parts = createClaims<Part>();
  readonly #times = new Map<FaultName, number>();
  readonly #whyNot = new Map<FaultName, string>();

  constructor(options: ChaosOptions, ownDisk: boolean) {
    this.#options = options;
    this.#ownDisk = ownDisk;
  }

  /** @returns what must not have happened, in sentences */
  async run(installation: Installation, folders: Claims<string>): Promise<readonly string[]> {
    const { pipelines, kills, seed, minutes, faultMs, tell } = this.#options;
    const durationMs = minutes * 60_000;
    const random = createRandom(deriveSeed(seed, 1));
    const longestStopMs = Math.min(LONGEST_STOP_MS, 2 * faultMs);
    const blows = planBlows({ durationMs, kills, longestStopMs }, random);
    const over = new AbortController();
    const visiting = visitPages(installation.dashboard, Object.keys(pipelines), {
      visits: this.visits,
      signal: over.signal,
    });
    const [fallen, seen] = await Promise.all([
      dealBlows(blows, {
        ...{ installation, claims: this.#parts, random },
        // No longer than from one blow to the next, so that an installation which is hit often is also up in between.
        longestAwayMs: Math.min(faultMs / 2, durationMs / blows.length),
      }),
      this.#faults(installation, folders, durationMs),
    ]);
    over.abort();
    await visiting;
    this.fallen = fallen;
    tell('All faults are removed; the stream runs to its end');
    await heal(installation);
    return [...seen, ...this.visits.faults];
  }

  tallies(): readonly FaultTally[] {
    return FAULTS.map((name) => ({
      ...{ name, times: this.#times.get(name) ?? 0, whyNot: this.#whyNot.get(name) ?? null },
    }));
  }

  /** One fault after the other, each at least once, until the time is over. */
  async #faults(
    installation: Installation,
    folders: Claims<string>,
    durationMs: number,
  ): Promise<readonly string[]> {
    const { pipelines, seed, faultMs, tell } = this.#options;
    const random = createRandom(deriveSeed(seed, 2));
    const startedAt = performance.now();
    const violations: string[] = [];
    for (let round = 0; ; round++) {
      for (const name of round === 0 ? FAULTS : shuffled(FAULTS, random)) {
        if (round > 0 && performance.now() - startedAt > 0.9 * durationMs) return violations;
        if (this.#whyNot.has(name)) continue;
        const found = await letHappen(name, {
          ...{ installation, parts: this.#parts, folders, random, ownDisk: this.#ownDisk },
          pipelines: Object.keys(pipelines),
          ms: name === 'server away' ? 4 * faultMs : faultMs,
        });
        if (typeof found === 'string') {
          this.#whyNot.set(name, found);
          tell(`Left out: ${name}, since ${found}`);
          continue;
        }
        this.#times.set(name, (this.#times.get(name) ?? 0) + 1);
        violations.push(...found);
        await setTimeout(random() * faultMs);
      }
    }
  }
}

/** Every usual part runs, and no second one. */
async function heal({ parts }: Installation): Promise<void> {
  for (const part of PARTS) {
    const isUsual = part !== 'secondWorker' && part !== 'secondWatcher';
    if (!isUsual) await parts.end(part, 'SIGTERM');
    else if (parts.pid(part) === null) await parts.start(part);
  }
}

function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
