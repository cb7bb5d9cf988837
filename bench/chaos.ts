import { parseArgs } from 'node:util';
import { elec2Files } from './support/elec2.ts';
import { runChaos, type ChaosResult } from './support/chaos/run-chaos.ts';
import { CHAOS_PIPELINES, chaosStream } from './support/chaos/stream.ts';
import { printFigures, printTable } from './support/report.ts';
import { PARTS } from './support/parts.ts';
import { writeSection } from './support/survival-evidence.ts';

/**
 * The Elec2 stream, with a stranger's files in between, while every process is killed, stopped and replaced at random and disk,
 * store, inbox and server go away: is the final state the one of an undisturbed run, and does every invariant hold?
 *
 * `--minutes N` of disturbance, in which `--kills K` processes are ended; `--seed S`; `--quick` takes under two minutes.
 * `--write` puts the result into docs/evidence/survival.md.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    kills: { type: 'string' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const minutes = numberOf('minutes', values.minutes ?? (values.quick ? '0.6' : '5'));
const kills = numberOf('kills', values.kills ?? String(Math.max(12, Math.round(minutes * 6.7))));
const seed = numberOf('seed', values.seed);

/** Half-hour rows of 30 days a file where few files are wanted, of 7 days where many are. */
const [MONTH, WEEK] = [48 * 30, 48 * 7];
const wanted = Math.max(5, Math.round(minutes * 5));
const months = await elec2Files(MONTH);
const files =
  wanted <= months.length ? months.slice(0, wanted) : (await elec2Files(WEEK)).slice(0, wanted);

const result = await runChaos({
  ...{ stream: chaosStream(files, seed), pipelines: CHAOS_PIPELINES },
  ...{ minutes, kills, seed },
  // Beyond the heartbeat timeout, so that the server gives up on what is under way.
  faultMs: minutes < 2 ? 1_500 : 40_000,
  patienceMs: minutes < 2 ? 600_000 : 1_200_000,
  tell: (message) => {
    console.log(`${new Date().toISOString().slice(11, 19)} ${message}.`);
  },
});
printTable(faultRows(result));
printTable(blowRows(result));
for (const difference of result.differences) console.log(`DIFFERS ${difference}`);
for (const violation of result.violations) console.log(`VIOLATION ${violation}`);
const figures = {
  minutes,
  kills: result.fallen.filter(({ what }) => what !== 'SIGSTOP').length,
  identical: result.differences.length === 0,
  violations: result.violations.length,
};
if (values.write) await writeSection('chaos', sectionOf(result, figures));
printFigures(figures);
if (!figures.identical || figures.violations > 0) process.exitCode = 1;

function faultRows({ faults }: ChaosResult): readonly (readonly (string | number)[])[] {
  return [
    ['fault', 'times', 'left out, since'],
    ...faults.map(({ name, times, whyNot }) => [name, times, whyNot ?? '']),
  ];
}

function blowRows({ fallen, ends }: ChaosResult): readonly (readonly (string | number)[])[] {
  const count = (target: string, what: string): number =>
    fallen.filter((blow) => blow.target === target && blow.what === what).length;
  const byItself = (part: string): number =>
    ends.filter((end) => end.part === part && end.asked === null).length;
  return [
    ['process', 'SIGKILL', 'SIGTERM', 'SIGSTOP', 'gave up by itself and was started again'],
    ...[...PARTS, 'child'].map((target) => [
      target,
      count(target, 'SIGKILL'),
      count(target, 'SIGTERM'),
      count(target, 'SIGSTOP'),
      byItself(target),
    ]),
  ];
}

function sectionOf(
  result: ChaosResult,
  chaos: Readonly<Record<string, unknown>>,
): { readonly text: readonly string[]; readonly tables: readonly ReturnType<typeof faultRows>[] } {
  const visits = [...result.visits.answers].map(([answer, times]) => `${answer}: ${times}`);
  return {
    text: [
      `${result.dropped} files, among them a stranger’s with hostile names and contents. The undisturbed run and the disturbed one have`,
      `installations of their own. ${result.recoverySeconds.toFixed(0)} s after the last fault every file had its outcome. Visits of the dashboard meanwhile: ${visits.join(', ')}.`,
      '',
      ...result.differences.map((line) => `- differs: ${line}`),
      ...result.violations.map((line) => `- violation: ${line}`),
      '',
      `\`\`\`json\n${JSON.stringify(chaos)}\n\`\`\``,
    ],
    tables: [faultRows(result), blowRows(result)],
  };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${name} is '${text}', but must be a number, 0 or above`);
}
