import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { createRandom, type Random } from '../../../core/random.ts';
import { smallFile } from '../small-file.ts';
import type { StreamFile } from '../drop.ts';

const run = promisify(execFile);

/** What must become of something in a watched folder. */
export type Expected =
  /** exactly one outcome */
  | 'outcome'
  /** an outcome, or a line of the watcher's log that names it: it is no file that everyone could name or read */
  | 'outcome or word'
  /** its content is not the sender's to give: it must not be in the store */
  | 'left alone';

/** Something that is put into the folder of a pipeline. */
export interface Dropped {
  readonly pipeline: string;
  /** as bytes, since a name need not be text */
  readonly name: Buffer;
  readonly expected: Expected;
  /** of the content that a reader of the file would see; null where there is none */
  readonly sha256: string | null;
  /** Puts it under a path, which is in the same folder as the one that it is renamed to. */
  readonly make: (place: Buffer, outside: string) => Promise<void>;
}

/** Who sends what no one would wish for. */
export const STRANGERS = 'strangers';
const ELEC2 = 'elec2';

/** Retrains often, so that there are trainings to kill; the day orders the rows. */
export const CHAOS_PIPELINES = {
  [ELEC2]: {
    target: 'class',
    timeColumn: 'date',
    estimator: { kind: 'forest', trees: 300 },
    detection: { errors: 'independent' },
  },
  [STRANGERS]: { target: 'late', estimator: { kind: 'logistic' } },
} as const;

/** The stream with a stranger's files in between, in the order in which they are dropped. */
export function chaosStream(files: readonly StreamFile[], seed: number): readonly Dropped[] {
  const wanted = files.map(({ name, text }) => wholeFile(ELEC2, Buffer.from(name), text));
  const strange = strangeFiles(createRandom(seed));
  const merged = [
    ...wanted.map((file, i) => ({ file, at: i / wanted.length })),
    ...strange.map((file, i) => ({ file, at: i / strange.length })),
  ];
  return merged.sort((a, b) => a.at - b.at).map(({ file }) => file);
}

/**
 * Puts it into a folder in one step, as a careful sender does.
 * @param mtimeMs by which the watcher orders files
 */
export async function dropInto(
  folder: string,
  { name, make }: Dropped,
  { mtimeMs, outside }: { readonly mtimeMs: number; readonly outside: string },
): Promise<void> {
  const partial = Buffer.from(path.join(folder, '.dropped.part'));
  await make(partial, outside);
  // The link itself has no time that matters, and what it leads to is not ours to touch.
  if (!name.includes('link')) await utimes(partial, mtimeMs / 1000, mtimeMs / 1000);
  await rename(partial, Buffer.concat([Buffer.from(`${folder}/`), name]));
}

/** A file of this content. */
export function wholeFile(
  pipeline: string,
  name: Buffer,
  content: string | Buffer,
  expected: Expected = 'outcome',
): Dropped {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { pipeline, name, expected, sha256, make: (place) => writeFile(place, bytes) };
}

/** Names that mean something to a shell, a terminal, a page or a path, around content that is sound. */
const NAMES = [
  'plain.csv',
  'new\nline.csv',
  'return\r\nSet-Cookie: a=b.csv',
  '-rf.csv',
  '$(touch hacked).csv',
  '`reboot`.csv',
  `quote'"<img src=x onerror=alert(1)>.csv`,
  '\u202egnp.csv',
  '\u001b[31mred.csv',
  '%00%2e%2e%2f.csv',
  '__proto__.csv',
  'CON.csv',
  '*?[a].csv',
  'caf\u00e9.csv',
  'cafe\u0301.csv',
  '😀.csv',
  `${'x'.repeat(251)}.csv`,
] as const;

/** What the reader of a format would choke on. */
function brokenContents(random: Random): readonly (readonly [string, string | Buffer])[] {
  const noise = Buffer.from(Array.from({ length: 4_000 }, () => Math.floor(random() * 256)));
  const deep = 20_000;
  return [
    ['empty.csv', ''],
    ['noise.csv', noise],
    ['noise.parquet', Buffer.concat([Buffer.from('PAR1'), noise, Buffer.from('PAR1')])],
    ['noise.xlsx', Buffer.concat([Buffer.from('PK\u0003\u0004'), noise])],
    ['noise.xls', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), noise])],
    ['deep.json', `[${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}]`],
    ['deeper.json', `[{"a":1,"late":"yes"},${'['.repeat(5 * deep)}`],
    ['key.json', '[{"a\\u0000b":1,"late":"yes"},{"a\\u0000b":2,"late":"no"}]'],
    ['quote.csv', `a,late\n"${'x'.repeat(100_000)}`],
    ['only-header.csv', 'distance,weight,carrier,late\n'],
    ['hooks.ts', 'process.exit(1);'],
    ['pipeline.yaml', 'name: sales\n'],
  ];
}

/** Everything that a stranger sends. */
export function strangeFiles(random: Random): readonly Dropped[] {
  const secret = smallFile(random);
  return [
    ...NAMES.map((name) => wholeFile(STRANGERS, Buffer.from(name), smallFile(random))),
    ...brokenContents(random).map(([name, content]) =>
      wholeFile(STRANGERS, Buffer.from(name), content),
    ),
    wholeFile(
      STRANGERS,
      Buffer.from('latin\xe9.csv', 'latin1'),
      smallFile(random),
      'outcome or word',
    ),
    other('sparse.csv', async (place) => {
      await writeFile(place, '');
      await truncate(place.toString(), 2 ** 40);
    }),
    link('link.csv', secret),
    link('link-to-nothing.csv', null),
    other('folder.csv', async (place) => {
      await mkdir(place);
    }),
    other('pipe.csv', async (place) => {
      await run('mkfifo', [place.toString()]);
    }),
    wholeFile(STRANGERS, Buffer.from('zz-last.csv'), smallFile(random)),
  ];
}

/** A symbolic link to a file outside of the folder, or to nothing. */
function link(name: string, content: string | null): Dropped {
  return {
    ...{ pipeline: STRANGERS, name: Buffer.from(name), expected: 'left alone' },
    sha256: content === null ? null : createHash('sha256').update(content).digest('hex'),
    make: async (place, outside) => {
      const target = path.join(outside, `behind-${name}`);
      if (content !== null) await writeFile(target, content);
      await symlink(target, place);
    },
  };
}

/** Something that is no file with rows: it may have an outcome, or a word in the log. */
function other(name: string, make: (place: Buffer) => Promise<void>): Dropped {
  return {
    ...{ pipeline: STRANGERS, name: Buffer.from(name), expected: 'outcome or word', sha256: null },
    make,
  };
}
