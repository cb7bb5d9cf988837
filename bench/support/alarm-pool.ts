import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { AlarmCounts, countAlarms, countSeen, Repetitions } from './alarm-rates.ts';

/** Threads that repeat settings; what they count does not depend on how many there are. */
export interface AlarmPool {
  countAlarms(setting: number, repetitions: number): Promise<AlarmCounts>;
  countSeen(setting: number, n: number, repetitions: number): Promise<number>;
  close(): Promise<void>;
}

/** Repetitions that a thread makes in one go: few, so that no thread is left with the last setting. */
const AT_ONCE = 50;

export function startAlarmPool(): AlarmPool {
  const pool = new Piscina<unknown, unknown>({
    filename: new URL('./start-alarm-thread.mjs', import.meta.url).href,
    maxThreads: availableParallelism(),
  });
  return {
    async countAlarms(setting, repetitions) {
      const parts = await Promise.all(
        goes(setting, repetitions).map(
          (go) => pool.run(go, { name: 'countAlarms' }) as Promise<ReturnType<typeof countAlarms>>,
        ),
      );
      return {
        untested: total(parts.map(({ untested }) => untested)),
        significant: total(parts.map(({ significant }) => significant)),
        alarms: total(parts.map(({ alarms }) => alarms)),
      };
    },
    async countSeen(setting, n, repetitions) {
      const parts = goes(setting, repetitions).map(
        (go) =>
          pool.run({ ...go, n }, { name: 'countSeen' }) as Promise<ReturnType<typeof countSeen>>,
      );
      return total(await Promise.all(parts));
    },
    close: () => pool.close(),
  };
}

function goes(setting: number, repetitions: number): readonly Repetitions[] {
  return Array.from({ length: Math.ceil(repetitions / AT_ONCE) }, (_, k) => ({
    setting,
    first: k * AT_ONCE,
    end: Math.min(repetitions, (k + 1) * AT_ONCE),
  }));
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
