/** `calmops check-store`: whether all that the store holds is as it was stored. */
import { stat } from 'node:fs/promises';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import { checkStore } from '../store/check-store.ts';
import { openLocalStore } from '../store/local-store.ts';
import { answerWithUsage } from './usage-alone.ts';

const USAGE = `Usage: npm run calmops -- check-store

Reads all that the store holds and says what is damaged or missing, and what helps. It changes nothing.

Exit code: 0 all is as it was stored, 1 something is damaged or missing, or an error.`;

await runProcess({ component: 'check-store', log: createFileLogger }, async ({ settings }) => {
  const answered = answerWithUsage(USAGE);
  if (answered !== null) return answered;
  const { storeFolder } = settings;
  if ((await stat(storeFolder).catch(() => null)) === null) {
    console.error(
      `There is no store at ${storeFolder}: set CALMOPS_HOME to the home that holds it.`,
    );
    return 1;
  }
  const damage = await checkStore(openLocalStore(storeFolder, { mustExist: true }));
  for (const { uri, wrong, remedy } of damage) {
    console.log(`${uri}\n  is ${wrong}\n  put it back from a backup; without one: ${remedy}`);
  }
  const count = damage.length === 1 ? '1 artefact is' : `${damage.length} artefacts are`;
  if (damage.length > 0) console.error(`${count} damaged or missing in ${storeFolder}.`);
  else console.log(`Everything in ${storeFolder} is as it was stored.`);
  return damage.length === 0 ? 0 : 1;
});
