import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { fuzzFiles } from './support/fuzz/fuzz-files.ts';
import { fuzzInstallation } from './support/fuzz/fuzz-installation.ts';
import { printFigures, quick } from './support/report.ts';

/**
 * Files of every format, damaged and made to harm: does each become a table or InvalidDataset, in bounded time and memory, the
 * same each time, in words that tell nothing internal?
 */
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    // So many of the files are also dropped into a whole installation.
    'through-start': { type: 'string', default: '0' },
    quick: { type: 'boolean' },
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
const throughStart = Number(values['through-start']);
if (throughStart > 0) {
  const { faults: faulty, ...recorded } = await fuzzInstallation(throughStart, seed);
  for (const fault of faulty.slice(0, SHOWN_FAULTS)) console.log(fault);
  console.log(`through an installation: ${JSON.stringify({ ...recorded, faults: faulty.length })}`);
}
printFigures({ ...figures });
