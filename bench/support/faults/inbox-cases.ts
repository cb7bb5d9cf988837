import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, rm, symlink, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import type { NpmStart } from '../npm-start.ts';
import { hashFile } from '../../../data/hash-file.ts';
import { tried, type FaultCase, type Tried } from './fault-case.ts';
import type { Kit } from './start-kit.ts';
import {
  drop,
  outcomeOf,
  outcomeOfContent,
  runsOf,
  soundText,
  untilLogged,
  untilRead,
} from './start-steps.ts';

/** What lies in an inbox and is no file that can be read, or is not the same to the end of the read. */
export function inboxCases({ named, sound, lives }: Kit): readonly FaultCase[] {
  return [
    named(
      'what is no file: a pipe, a socket, a device, a folder, a link to nothing',
      'said once each; the link to nothing in silence',
      async (calmops) => {
        const { outcome } = await withOddOnes(calmops, async (names) => {
          for (const name of names) await untilLogged(calmops, name);
          return sound(calmops, 'beside-odd-ones.csv', 11);
        });
        const names = (await runsOf(calmops, 'sales')).map(({ fileName }) => fileName);
        const read = names.filter((name) => name.startsWith('odd-'));
        return tried(
          read.length === 0 && outcome !== 'failed' && (await lives()),
          `each said in the log, ${read.length} read; a file beside them: ${outcome}`,
        );
      },
    ),
    named('a file that nobody may read', 'new', async (calmops): Promise<Tried> => {
      if (process.getuid?.() === 0) return { kind: 'not tried', why: 'root may read every file' };
      await drop(calmops, 'sales', 'closed.csv', soundText(12));
      const file = path.join(calmops.incoming('sales'), 'closed.csv');
      await chmod(file, 0);
      const beside = await sound(calmops, 'beside-closed.csv', 13);
      await chmod(file, 0o600);
      const { outcome } = await outcomeOf(calmops, 'sales', 'closed.csv');
      return tried(
        outcome !== 'failed' && outcome !== 'invalid' && beside.outcome !== 'failed',
        `beside it: ${beside.outcome}; once it may be read: ${outcome}`,
      );
    }),
    changing('grows', named, (file) => appendFile(file, `\n${soundText(15).split('\n')[1] ?? ''}`)),
    changing('shrinks', named, (file) => truncate(file, soundText(14, 1000).length)),
  ];
}

/** A file that changes while it is read: nothing of a mixture is recorded, and the content that it has in the end is run. */
function changing(
  what: 'grows' | 'shrinks',
  named: Kit['named'],
  change: (file: string) => Promise<void>,
): FaultCase {
  return named(`a file that ${what} while it is read`, 'new', async (calmops) => {
    const name = `${what}.csv`;
    const file = path.join(calmops.incoming('sales'), name);
    await drop(calmops, 'sales', name, soundText(14, 400_000));
    const { sha256: before } = await hashFile(file);
    await untilRead(calmops.home);
    await change(file);
    const { sha256: after } = await hashFile(file);
    const last = await outcomeOfContent(calmops, 'sales', after);
    const contents = (await runsOf(calmops, 'sales')).filter(({ fileName }) => fileName === name);
    const first = contents.find(({ sha256 }) => sha256 === before)?.outcome ?? 'none';
    const isOther = contents.some(({ sha256 }) => sha256 !== before && sha256 !== after);
    const isRight = ![first, last.outcome].some((each) => each === 'failed' || each === 'invalid');
    return tried(
      isRight && first !== 'none' && !isOther,
      `the first content: ${first}; the last one: ${last.outcome}${isOther ? '; a mixture has an outcome' : ''}`,
    );
  });
}

/** Puts into the inbox what is no file, and takes it away again in the end. A device only where this user may make one. */
async function withOddOnes<T>(
  calmops: NpmStart,
  work: (names: readonly string[]) => Promise<T>,
): Promise<T> {
  const at = (name: string): string => path.join(calmops.incoming('sales'), name);
  const names = ['odd-pipe.csv', 'odd-socket.csv', 'odd-folder.csv', 'odd-link.csv'];
  execFileSync('mkfifo', [at('odd-pipe.csv')]);
  await mkdir(at('odd-folder.csv'));
  await symlink(at('nowhere'), at('odd-link.csv'));
  if (process.getuid?.() === 0) {
    execFileSync('mknod', [at('odd-device.csv'), 'c', '1', '5']);
    names.push('odd-device.csv');
  }
  const server = createServer().listen(at('odd-socket.csv'));
  await once(server, 'listening');
  try {
    return await work(names);
  } finally {
    server.close();
    for (const name of names) await rm(at(name), { recursive: true, force: true });
  }
}
