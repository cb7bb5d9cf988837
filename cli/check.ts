/** `calmops check`: whether the pipelines are valid. */
import { visible } from '../core/visible.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import { readPipelines } from '../starter/pipelines.ts';
import { answerWithUsage } from './usage-alone.ts';

const USAGE = `Usage: npm run calmops -- check

Says of each pipeline whether its folder is valid, and what is wrong where it is not.

Exit code: 0 all are valid, 1 one is not or an error.`;

await runProcess({ component: 'check', log: createFileLogger }, async ({ settings }) => {
  const answered = answerWithUsage(USAGE);
  if (answered !== null) return answered;
  const { valid, invalid } = await readPipelines(settings.pipelinesFolder, settings.home);
  for (const { name, files, target } of valid) {
    console.log(`${name}: valid; predicts ${target}, watches ${files.folder}/${files.glob}`);
  }
  for (const { name, problems } of invalid) console.log(visible(`${name}: not valid\n${problems}`));
  if (valid.length + invalid.length === 0) {
    console.log(`No pipeline in ${settings.pipelinesFolder}`);
  }
  return invalid.length === 0 ? 0 : 1;
});
