import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { mountSmall } from '../../../test/support/small-disk.ts';
import type { NpmStart } from '../npm-start.ts';
import { tried, type FaultCase, type Tried } from './fault-case.ts';
import type { Kit } from './start-kit.ts';
import {
  cancelInTraining,
  drop,
  outcomeOf,
  settledLeftovers,
  soundText,
  untilRead,
} from './start-steps.ts';

/** How work is broken off, how CalmOps ends, and how it begins again; the last cases of an `npm start`. */
export function stopCases(kit: Kit): readonly FaultCase[] {
  return [...gentleEnds(kit), ...hardEnds(kit)];
}

/** A run is broken off, and CalmOps is asked to stop once. */
function gentleEnds({ named, sound, lives }: Kit): readonly FaultCase[] {
  return [
    named(
      'a run that is cancelled while it trains',
      '#4: killed the worker in 1 of 4',
      async (calmops) => {
        await drop(calmops, 'cancelled', 'long.csv', soundText(21, 200_000));
        await cancelInTraining(calmops, 'cancelled', 'long.csv');
        const { outcome } = await outcomeOf(calmops, 'cancelled', 'long.csv');
        await drop(calmops, 'cancelled', 'next.csv', soundText(22));
        const next = await outcomeOf(calmops, 'cancelled', 'next.csv');
        const isAlive = await lives();
        return tried(
          outcome === 'cancelled' && next.outcome === 'trained' && isAlive,
          `${outcome}; the next file: ${next.outcome}; ${isAlive ? 'the same process' : 'ended'}`,
        );
      },
    ),
    named(
      'lives on through all of it',
      '#1, #2: worker, watcher and dashboard gone',
      async (calmops) => {
        const { outcome } = await sound(calmops, 'last.csv', 6);
        const isAlive = await lives();
        return tried(
          isAlive && outcome !== 'failed',
          `${isAlive ? 'the same process' : 'ended'}; the last file: ${outcome}`,
        );
      },
    ),
    named(
      'SIGTERM while it reads',
      '#4: aborted with 134 in 3 of 4 stops, the server left',
      async (calmops) => {
        await drop(calmops, 'sales', 'busy.csv', soundText(7, 400_000));
        await untilRead(calmops.home);
        const { code, signal } = await calmops.end('SIGTERM');
        const server = await readFile(path.join(calmops.home, 'temporal-server.json'), 'utf8').then(
          () => 'left',
          () => 'ended',
        );
        await calmops.start();
        const { outcome } = await outcomeOf(calmops, 'sales', 'busy.csv');
        return tried(
          code === 0 && server === 'ended' && outcome !== 'failed',
          `${signal ?? `code ${String(code)}`}; the server: ${server}; started again, the file: ${outcome}`,
        );
      },
    ),
  ];
}

/** Ends that are harder than one request to stop. */
function hardEnds({ named, sound }: Kit): readonly FaultCase[] {
  return [
    named('Ctrl-C again and again while it reads', '#4: once ended with 134', async (calmops) => {
      await drop(calmops, 'sales', 'pressed.csv', soundText(8, 400_000));
      await untilRead(calmops.home);
      const how = await pressed(calmops);
      await calmops.start();
      const { outcome } = await outcomeOf(calmops, 'sales', 'pressed.csv');
      return tried(
        (how === 'code 0' || how === 'code 130') && outcome !== 'failed',
        `${how}; started again, the file: ${outcome}`,
      );
    }),
    named(
      'SIGKILL while it reads, and started again',
      '#21: copies stay; #6: the next start refused',
      async (calmops) => {
        await drop(calmops, 'sales', 'killed.csv', soundText(9, 400_000));
        await untilRead(calmops.home);
        await calmops.end('SIGKILL');
        await calmops.start();
        const { outcome } = await outcomeOf(calmops, 'sales', 'killed.csv');
        const left = await settledLeftovers(calmops.home);
        return tried(
          left.length === 0 && outcome !== 'failed',
          `started; the file that was read: ${outcome}; left: ${left.length}`,
        );
      },
    ),
    named(
      'a full disk for the logs',
      '#6: ends with 1 and a stack, the next start refused 3 of 3',
      async (calmops): Promise<Tried> => {
        await calmops.end('SIGTERM');
        const logs = path.join(calmops.folder, 'logs');
        await mkdir(logs, { recursive: true });
        if (!mountSmall(logs)) {
          return { kind: 'not tried', why: 'this user may not mount a small disk' };
        }
        try {
          execFileSync('dd', ['if=/dev/zero', `of=${logs}/filling`, 'bs=1k', 'count=56']);
          await calmops.start();
          const outcomes: string[] = [];
          for (let k = 0; k < 10; k++) {
            outcomes.push((await sound(calmops, `full-${k}.csv`, 30 + k)).outcome);
          }
          const space = execFileSync('df', ['--output=avail', logs], { encoding: 'utf8' });
          const isFull = Number(/(\d+)\s*$/.exec(space)?.[1]) === 0;
          const how = await calmops.end('SIGTERM');
          return tried(
            isFull && how.code === 0 && outcomes.every((each) => each !== 'failed'),
            `the disk was ${isFull ? '' : 'not '}full; ${outcomes.length} files had outcomes, none failed; ended with ${how.code ?? how.signal}`,
          );
        } finally {
          execFileSync('umount', ['-l', logs]);
        }
      },
    ),
  ];
}

const PRESS_EVERY_MS = 400;

/** Sends SIGINT until it has ended, as somebody does who has no patience. */
async function pressed(calmops: NpmStart): Promise<string> {
  const ended = calmops.end('SIGINT');
  const pid = await calmops.pid();
  while (calmops.ended() === null) {
    await setTimeout(PRESS_EVERY_MS);
    try {
      process.kill(pid, 'SIGINT');
    } catch {
      // It is gone already; npm ends after it.
    }
  }
  const { code, signal } = await ended;
  return signal ?? `code ${String(code)}`;
}
