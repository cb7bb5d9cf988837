/** `calmops check`: whether the pipelines are valid. */
import { visible } from '../core/visible.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import { readPipelines } from '../starter/pipelines.ts';

await runProcess({ component: 'check', log: createFileLogger }, async ({ settings }) => {
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
