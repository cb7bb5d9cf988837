/** `npm start`: installs what is missing, then runs the whole of CalmOps. */
import { root, run, setUp } from './set-up.mjs';

await setUp();
const program = ['--enable-source-maps', `${root}scripts/calmops.mjs`];
const args = [...program, 'up', ...process.argv.slice(2)];
process.exitCode = await run(process.execPath, args);
