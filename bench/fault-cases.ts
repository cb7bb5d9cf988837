import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compareCases } from './support/faults/compare-cases.ts';
import { ELSEWHERE } from './support/faults/elsewhere.ts';
import type { FaultCase, Tried } from './support/faults/fault-case.ts';
import { startCases } from './support/faults/start-cases.ts';
import { printFigures } from './support/report.ts';
import { writeSection } from './support/survival-evidence.ts';

/**
 * Every fault that was found under attack, tried again where CalmOps runs as users run it: `calmops compare` of each hostile
 * file, and one `npm start` that has to live through all of them. Is each of them gone?
 *
 * `--only WORD` tries those whose name holds the word, and may be given several times, so that the run can be made in parts;
 * `--part FILE` tries nothing and takes over what such a run printed; `--write` puts the result into
 * docs/evidence/survival.md.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    part: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
});
const { only = [''], part = [] } = values;

const folder = await mkdtemp(path.join(tmpdir(), 'calmops-faults-'));
const started = startCases();
const rows: (readonly string[])[] = [['case', 'before', 'now', 'verdict']];
const printed = new Map((await Promise.all(part.map(rowsPrinted))).flat());
const count = { cases: 0, right: 0, wrong: 0, notTried: 0 };
try {
  for (const each of [...compareCases(folder), ...started.cases, ...ELSEWHERE]) {
    if (!only.some((word) => each.name.includes(word))) continue;
    const row = part.length === 0 ? rowOf(each, await triedOnce(each)) : await rowOfParts(each);
    count.cases += 1;
    count[countedAs(row.at(-1))] += 1;
    rows.push(row);
    console.log(row.join(' | '));
  }
} finally {
  await started.end();
  await rm(folder, { recursive: true, force: true });
}
if (values.write) {
  await writeSection('faults', {
    text: [`\`\`\`json\n${JSON.stringify(count)}\n\`\`\``],
    tables: [rows.map((row) => row.map((cell) => cell.replaceAll(/[|\n<]/g, ' ')))],
  });
}
printFigures(count);
if (count.wrong > 0) process.exitCode = 1;

/** A case that cannot be tried to its end is one that is not right. */
async function triedOnce({ run }: FaultCase): Promise<Tried> {
  try {
    return await run();
  } catch (error) {
    return {
      kind: 'tried',
      right: false,
      now: error instanceof Error ? error.message : String(error),
    };
  }
}

function rowOf({ name, before }: FaultCase, outcome: Tried): readonly string[] {
  if (outcome.kind === 'not tried') return [name, before, outcome.why, 'not tried here'];
  const now = outcome.now.replaceAll(/[\s|]+/g, ' ');
  return [name, before, now, outcome.right ? 'right' : 'WRONG'];
}

/** What a part printed of a case. One that no part has is not tried now, unless another command shows it. */
async function rowOfParts(each: FaultCase): Promise<readonly string[]> {
  const row = printed.get(each.name);
  if (row !== undefined) return row;
  if (ELSEWHERE.includes(each)) return rowOf(each, await triedOnce(each));
  return rowOf(each, { kind: 'not tried', why: 'in none of the parts that were run' });
}

function countedAs(verdict: string | undefined): 'right' | 'wrong' | 'notTried' {
  if (verdict === 'right') return 'right';
  return verdict === 'WRONG' ? 'wrong' : 'notTried';
}

/** The rows that an earlier run printed, by the names of their cases. */
async function rowsPrinted(file: string): Promise<(readonly [string, readonly string[]])[]> {
  const text = await readFile(file, 'utf8');
  return text.split('\n').flatMap((line) => {
    const [name, before, ...rest] = line.split(' | ');
    const verdict = rest.pop();
    if (name === undefined || before === undefined || verdict === undefined || rest.length === 0) {
      return [];
    }
    return [[name, [name, before, rest.join('; '), verdict]] as const];
  });
}
