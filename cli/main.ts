/** `calmops COMMAND …`: each command is a program of its own, which is run in this process. */

interface Command {
  readonly does: string;
  readonly run: () => Promise<unknown>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  up: { does: 'everything in one process, as `npm start` does', run: () => import('./up.ts') },
  worker: { does: 'a worker', run: () => import('../worker/main.ts') },
  watch: { does: 'the watcher', run: () => import('../starter/main.ts') },
  web: { does: 'the dashboard', run: () => import('../web/main.ts') },
  start: {
    does: 'runs files through a pipeline and waits',
    run: () => import('../starter/start.ts'),
  },
  compare: { does: 'says what has changed between two files', run: () => import('./compare.ts') },
  check: { does: 'says whether the pipelines are valid', run: () => import('./check.ts') },
  'check-store': {
    does: 'says what in the store is damaged or missing, and what helps',
    run: () => import('./check-store.ts'),
  },
  export: {
    does: "writes a pipeline's model for other programs",
    run: () => import('./export.ts'),
  },
  import: { does: 'takes in a model that was trained elsewhere', run: () => import('./import.ts') },
  reprocess: {
    does: 'runs files again that have an outcome already',
    run: () => import('./reprocess.ts'),
  },
  retire: { does: 'ends a pipeline whose folder is gone', run: () => import('./retire.ts') },
  'ui-door': {
    does: 'lets those through to a Temporal UI who ask under a known host name',
    run: () => import('./ui-door.ts'),
  },
  status: { does: 'says what every pipeline is doing', run: () => import('./status.ts') },
};

const usage = [
  'Usage: npm run calmops -- COMMAND …',
  '',
  ...Object.entries(COMMANDS).map(([name, { does }]) => `  ${name.padEnd(13)}${does}`),
].join('\n');

const name = process.argv[2] ?? '--help';
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command !== undefined) {
  process.argv.splice(2, 1);
  await command.run();
} else if (name === '--help' || name === '-h' || name === 'help') console.log(usage);
else {
  console.error(`There is no command '${name}'.\n\n${usage}`);
  process.exitCode = 1;
}
