import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { fuzzFiles } from './support/fuzz/fuzz-files.ts';
import { fuzzInstallation } from './support/fuzz/fuzz-installation.ts';
import { printFigures, quick } from './support/report.ts';
import { writeSection } from './support/survival-evidence.ts';

/**
 * Files of every format, damaged and made to harm: does each become a table or InvalidDataset, in bounded time and memory, the
 * same each time, in words that tell nothing internal?
 *
 * `--files N` are read by readers like the product's, as many of them go through one `npm start` as `--through-start N` says;
 * `--seed S`; `--write` puts the result into docs/evidence/survival.md.
 */
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    'through-start': { type: 'string' },
    quick: { type: 'boolean' },
    write: { type: 'boolean', default: false },
  },
});
const files = quick ? 300 : Number(values.files);
const seed = Number(values.seed);
const SHOWN_FAULTS = 20;

const { figures, ended, faults, kept } = await fuzzFiles({
  ...{ files, seed, atOnce: availableParallelism() },
  onProgress: (done) => {
    if (done % 1000 === 0) console.log(`${done} files`);
  },
});
for (const fault of faults.slice(0, SHOWN_FAULTS)) console.log(fault);
if (kept !== null) console.log(`files that show a fault are kept in ${kept}`);
console.log(
  `readers ended for memory ${ended.memory}, for processor time ${ended.cpu}, by a crash ${ended.crash}, from outside ${ended.killed}`,
);
const throughStart = Number(values['through-start'] ?? (quick ? 40 : 1000));
const { faults: faulty, ...recorded } = await fuzzInstallation(throughStart, seed, (done) => {
  console.log(`${done} files through npm start`);
});
for (const fault of faulty.slice(0, SHOWN_FAULTS)) console.log(fault);
const all = { ...figures, throughStart: { ...recorded, faults: faulty.length } };
if (values.write) await writeSection('fuzz', { text: textOf(), tables: [] });
printFigures(all);
const { aborts, hangs, overMemory, wrongErrors, paths } = figures;
const isSound =
  aborts + hangs + overMemory + wrongErrors + paths + faulty.length === 0 &&
  recorded.lost + recorded.repeated === 0 &&
  recorded.lives;
if (!isSound) process.exitCode = 1;

function textOf(): readonly string[] {
  const outcomes = Object.entries(recorded.outcomes).map(
    ([outcome, times]) => `${outcome} ${times}`,
  );
  return [
    `Files that were mutated from sound ones of every format, or made to harm. Readers that were ended made the file \`invalid\`: for memory ${ended.memory}, for processor`,
    `time ${ended.cpu}, by a crash ${ended.crash}. ${recorded.dropped} of them, without those of equal content and with four sound ones, went through two pipelines of one \`npm start\`: ${outcomes.join(', ')}.`,
    '',
    ...[...faults, ...faulty].slice(0, SHOWN_FAULTS).map((fault) => `- ${fault}`),
    '',
    `\`\`\`json\n${JSON.stringify(all)}\n\`\`\``,
  ];
}
