import path from 'node:path';
import { readFile, writeFile } from 'node:fs/promises';
import { hasCode } from '../../core/error-code.ts';
import { markdownTable } from './report.ts';

/** The sections of docs/evidence/survival.md in their order, each made by a command of its own. */
const SECTIONS = {
  chaos: {
    title: 'Everything fails at once: `npm run chaos`',
    asks: 'Is the final state the one of an undisturbed run, and does every invariant hold, after random kills and faults?',
  },
  kill: {
    title: 'Kills that are aimed: `npm run bench:kill`',
    asks: 'Do kills and deployments in one activity use up anything but time? Does the work go on from its checkpoint?',
  },
  soak: {
    title: 'Memory: `npm run soak`',
    asks: 'Does any process grow with the files that have passed through it?',
  },
  folder: {
    title: 'Many files in one folder: `npm run soak -- --folder N`',
    asks: 'Is any lost, doubled or out of order, does the watcher stay small, and how long does it take after a restart until it is back at work?',
  },
  fuzz: {
    title: 'Damaged and hostile files: `npm run fuzz`',
    asks: 'Does each become a table or `invalid`, in bounded time and memory, the same each time, in words that tell nothing internal?',
  },
  faults: {
    title: 'Faults that were found under attack: `npm run bench:faults`',
    asks: 'Is each of them gone, where CalmOps runs as users run it?',
  },
  flood: {
    title: 'What a small file costs: `npm run bench:flood`',
    asks: 'How many files a second, and where does the processor time of a file go?',
  },
} as const;

export type SectionName = keyof typeof SECTIONS;

export interface Section {
  readonly text: readonly string[];
  readonly tables: readonly (readonly (readonly (string | number)[])[])[];
}

const page = new URL('../../docs/evidence/survival.md', import.meta.url);
const names = Object.keys(SECTIONS) as readonly SectionName[];

const INTRODUCTION = [
  '# What it survives, measured',
  '',
  'Each section is made by the command in its title with `--write`, in one run; the line of JSON is the last one that the command prints.',
];

/** Makes a section of docs/evidence/survival.md anew; the others stay as they are. */
export async function writeSection(name: SectionName, { text, tables }: Section): Promise<void> {
  const present = await presentSections();
  // A page names no folder of the machine that it was made on.
  const options = process.argv
    .slice(2)
    .filter((word) => word !== '--write')
    .map((word) => (path.isAbsolute(word) ? 'DIR' : word));
  const command = options.length === 0 ? '' : `With \`${options.join(' ')}\`. `;
  const body = [...tables.flatMap((table) => [...markdownTable(table), '']), ...text].join('\n');
  present.set(name, `${command}${SECTIONS[name].asks}\n\n${body}`);
  const sections = names.flatMap((each) => {
    const written = present.get(each) ?? `${SECTIONS[each].asks}\n\nNot measured yet.`;
    return ['', `## ${SECTIONS[each].title}`, '', written.trim()];
  });
  await writeFile(page, [...INTRODUCTION, ...sections, ''].join('\n'));
}

async function presentSections(): Promise<Map<SectionName, string>> {
  const text = await readFile(page, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  const found = new Map<SectionName, string>();
  for (const piece of text.split(/^## /m).slice(1)) {
    const name = names.find((each) => piece.startsWith(`${SECTIONS[each].title}\n`));
    if (name !== undefined) found.set(name, piece.slice(SECTIONS[name].title.length));
  }
  return found;
}
