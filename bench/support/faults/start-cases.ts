import { mkdir, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunSummary } from '../../../workflows/contract.ts';
import { INTERNAL } from '../fuzz/fuzz-files.ts';
import { npmStart, type NpmStart } from '../npm-start.ts';
import { FAULT_FILES } from './compare-cases.ts';
import { tried, type FaultCase, type Tried } from './fault-case.ts';
import { HOSTILE_INPUTS } from './hostile-inputs.ts';
import { inboxCases } from './inbox-cases.ts';
import type { Kit } from './start-kit.ts';
import { stopCases } from './stop-cases.ts';
import {
  codeOf,
  drop,
  dropMade,
  killReader,
  longestLogLine,
  outcomeOf,
  runsOf,
  settledLeftovers,
  soundText,
  statusOf,
  turnBit,
  untilLogged,
} from './start-steps.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const PIPELINES = {
  sales: { target: 'y' },
  hostile: { target: 'y' },
  cancelled: { target: 'y' },
} as const;

/** Cases that need a running CalmOps: one `npm start`, which has to live through all of them, in this order. */
export function startCases(): {
  readonly cases: readonly FaultCase[];
  readonly end: () => Promise<void>;
} {
  let started: NpmStart | null = null;
  let pid = 0;
  const up = async (): Promise<NpmStart> => {
    if (started !== null) return started;
    started = await npmStart(PIPELINES);
    // A folder where a file of hooks belongs, from the beginning.
    await mkdir(path.join(started.folder, 'pipelines/broken/hooks.ts'), { recursive: true });
    await writeFile(
      path.join(started.folder, 'pipelines/broken/pipeline.yaml'),
      `name: broken\nfiles: { folder: ${started.folder}/incoming/broken }\ntarget: y\n`,
    );
    await started.start();
    pid = await started.pid();
    // Each case is to be tried alone, too, and a long file is not to be the one that a first model is trained on.
    await drop(started, 'sales', 'begin.csv', soundText(0));
    await outcomeOf(started, 'sales', 'begin.csv');
    return started;
  };
  const lives = async (): Promise<boolean> =>
    started !== null && started.ended() === null && (await started.pid()) === pid;

  const named = (
    name: string,
    before: string,
    body: (calmops: NpmStart) => Promise<Tried>,
  ): FaultCase => ({
    name: `npm start: ${name}`,
    before,
    run: async () => body(await up()),
  });
  const sound = async (calmops: NpmStart, name: string, seed: number): Promise<RunSummary> => {
    await drop(calmops, 'sales', name, soundText(seed));
    return outcomeOf(calmops, 'sales', name);
  };

  const kit: Kit = { named, sound, lives };
  const cases: readonly FaultCase[] = [
    ...configurationCases(kit),
    ...fileCases(kit),
    ...neighbourCases(kit),
    ...damageCases(kit),
    ...inboxCases(kit),
    ...stopCases(kit),
  ];
  return { cases, end: async () => started?.remove() };
}

/** Pipelines that come, or are not as they should be. */
function configurationCases({ named, sound }: Kit): readonly FaultCase[] {
  return [
    named(
      'a folder in place of hooks.ts',
      '#5: refuses to start, “EISDIR”, no file named',
      async (calmops) => {
        const { outcome } = await sound(calmops, 'first.csv', 1);
        const said = /broken is left alone/.test(calmops.printed());
        return tried(
          said && isSound(outcome),
          `started, said so: ${said}; another pipeline: ${outcome}`,
        );
      },
    ),
    named('a pipeline that comes while it runs', '#5: not taken up', async (calmops) => {
      await mkdir(path.join(calmops.folder, 'pipelines/late'));
      await mkdir(calmops.incoming('late'), { recursive: true });
      await writeFile(
        path.join(calmops.folder, 'pipelines/late/pipeline.yaml'),
        `name: late\nfiles: { folder: ${calmops.incoming('late')} }\ntarget: y\n`,
      );
      await drop(calmops, 'late', 'first.csv', soundText(1));
      const { outcome } = await outcomeOf(calmops, 'late', 'first.csv');
      return tried(outcome === 'trained', outcome);
    }),
    named(
      'a pipeline.yaml with thousands of problems',
      '#20: 167 kB of problems in one line of the log',
      async (calmops) => {
        const folder = path.join(calmops.folder, 'pipelines/deep');
        await mkdir(folder);
        const unknown = Array.from({ length: 8_000 }, (_, i) => `unknown${i}: ${i}`);
        await writeFile(path.join(folder, 'pipeline.yaml'), unknown.join('\n'));
        await untilLogged(calmops, 'deep');
        const { outcome } = await sound(calmops, 'beside-deep.csv', 2);
        const longest = await longestLogLine(calmops);
        await rm(folder, { recursive: true });
        return tried(
          longest < 20_000 && outcome !== 'failed',
          `the longest line of all logs has ${longest} characters; another pipeline: ${outcome}`,
        );
      },
    ),
    named('a pattern that takes exponential time', '#20: accepted', async (calmops) => {
      const pipelines = path.join(calmops.folder, 'patterns');
      await mkdir(path.join(pipelines, 'own'), { recursive: true });
      await writeFile(
        path.join(pipelines, 'own/pipeline.yaml'),
        `name: own\nfiles: { folder: ${calmops.incoming('own')}, glob: '${'*a'.repeat(20)}b' }\ntarget: y\n`,
      );
      const environment = { ...calmops.environment, CALMOPS_PIPELINES: pipelines };
      const code = await codeOf([path.join(ROOT, 'scripts/calmops.mjs'), 'check'], environment);
      return tried(code === '1', `calmops check ended with ${code}`);
    }),
  ];
}

/** What is dropped among many is hostile enough below this size in bytes, and soon read. */
const LARGEST = 4 * 2 ** 20;

/** Files that are made to harm. */
function fileCases({ named, lives }: Kit): readonly FaultCase[] {
  return [
    ...FAULT_FILES.map(({ name, before, make, isTable }) =>
      named(name, before, async (calmops) => {
        await dropMade(calmops, name, { make, largest: Infinity });
        const { outcome, reason } = await outcomeOf(calmops, 'hostile', name);
        const isRight = (isTable === true || outcome === 'invalid') && outcome !== 'failed';
        return tried(
          isRight && !INTERNAL.test(reason) && (await lives()),
          `${outcome}: ${reason.slice(0, 120)}`,
        );
      }),
    ),
    named('new hostile files of up to 4 MiB, all at once', 'new', async (calmops) => {
      const names: string[] = [];
      for (const { name, make } of HOSTILE_INPUTS) {
        if (await dropMade(calmops, name, { make, largest: LARGEST })) names.push(name);
      }
      const outcomes: Record<string, number> = {};
      const faults: string[] = [];
      for (const name of names) {
        const { outcome, reason } = await outcomeOf(calmops, 'hostile', name);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        if (outcome === 'failed' || INTERNAL.test(reason)) faults.push(`${name}: ${reason}`);
      }
      const counts = Object.entries(outcomes).map(([outcome, times]) => `${outcome} ${times}`);
      return tried(faults.length === 0 && (await lives()), [...counts, ...faults].join(', '));
    }),
  ];
}

/** What stands beside CalmOps, or is put beside its files. */
function neighbourCases({ named, sound }: Kit): readonly FaultCase[] {
  return [
    named(
      'a foreign Host at the Temporal UI',
      '#9: 200, and a signal accepted',
      async ({ uiPort }) => {
        const status = await statusOf(uiPort, 'evil.com');
        return tried(status === 421, String(status));
      },
    ),
    named(
      'a symbolic link in an inbox',
      '#10: followed, /etc/shadow copied into the store',
      async (calmops) => {
        await symlink('/etc/passwd', path.join(calmops.incoming('sales'), 'link.csv'));
        await untilLogged(calmops, 'link.csv');
        const isRun = (await runsOf(calmops, 'sales')).some(
          ({ fileName }) => fileName === 'link.csv',
        );
        return tried(!isRun, isRun ? 'read' : 'refused, said in the log');
      },
    ),
    named('a name that is not UTF-8', '#11: passed over without a word', async (calmops) => {
      const name = Buffer.concat([
        Buffer.from(`${calmops.incoming('sales')}/latin`),
        Buffer.from([0xe9]),
        Buffer.from('.csv'),
      ]);
      await writeFile(name, soundText(9));
      await untilLogged(calmops, 'UTF-8');
      await rm(name);
      return tried(true, 'said in the log');
    }),
    named(
      'a sparse file of 1 TiB, and one beside it',
      '#17: blocks its pipeline and all large files',
      async (calmops) => {
        const place = path.join(calmops.incoming('sales'), '.sparse.part');
        await writeFile(place, '');
        await truncate(place, 2 ** 40);
        await rename(place, path.join(calmops.incoming('sales'), 'sparse.csv'));
        const beside = await sound(calmops, 'beside.csv', 3);
        const { outcome, reason } = await outcomeOf(calmops, 'sales', 'sparse.csv');
        await rm(path.join(calmops.incoming('sales'), 'sparse.csv'));
        return tried(
          outcome === 'invalid' && beside.outcome !== 'failed',
          `${outcome}: ${reason.slice(0, 80)}; beside: ${beside.outcome}`,
        );
      },
    ),
  ];
}

/** What is damaged, misplaced or killed. */
function damageCases({ named, sound }: Kit): readonly FaultCase[] {
  return [
    named('one bit of the champion turned', '#18: every later file failed', async (calmops) => {
      const models = path.join(calmops.home, 'store/models');
      for (const id of await readdir(models)) await turnBit(path.join(models, id, 'model.bin'));
      const { outcome, reason } = await sound(calmops, 'after-damage.csv', 4);
      return tried(
        outcome !== 'failed' && outcome !== 'invalid',
        `${outcome}: ${reason.slice(0, 120)}`,
      );
    }),
    named(
      'watched folders that are the store, / or a pipeline’s own',
      '#19: accepted',
      async (calmops) => {
        const answers: string[] = [];
        for (const folder of ['pipelines/own', 'home/store/datasets', '/']) {
          const pipelines = path.join(calmops.folder, 'checked');
          await mkdir(path.join(pipelines, 'own'), { recursive: true });
          const watched = folder.replace('pipelines/', 'checked/');
          await writeFile(
            path.join(pipelines, 'own/pipeline.yaml'),
            `name: own\nfiles: { folder: ${path.resolve(calmops.folder, watched)} }\ntarget: y\n`,
          );
          const environment = { ...calmops.environment, CALMOPS_PIPELINES: pipelines };
          answers.push(
            await codeOf([path.join(ROOT, 'scripts/calmops.mjs'), 'check'], environment),
          );
        }
        return tried(
          answers.every((code) => code === '1'),
          `calmops check ended with ${answers.join(', ')}`,
        );
      },
    ),
    named(
      'a reader that is killed',
      '#21: its copy of the data stays for good',
      async (calmops) => {
        await drop(calmops, 'sales', 'long.csv', soundText(5, 400_000));
        const killed = await killReader(calmops, await calmops.pid());
        const { outcome } = await outcomeOf(calmops, 'sales', 'long.csv');
        const left = await settledLeftovers(calmops.home);
        return tried(
          killed && outcome !== 'failed' && left.length === 0,
          `${killed ? 'killed' : 'not met'}; ${outcome}; left: ${left.length}`,
        );
      },
    ),
  ];
}

/** Whether a file has the outcome of one that was read, and with which all was well. */
function isSound(outcome: RunSummary['outcome']): boolean {
  return outcome !== 'failed' && outcome !== 'invalid' && outcome !== 'gone';
}
