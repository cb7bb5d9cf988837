/** `calmops COMMAND …`: each command is a program of its own, which is run in this process. */

const COMMANDS: Readonly<Record<string, { readonly does: string; readonly program: string }>> = {
  up: { does: 'everything in one process, as `npm start` does', program: './up.ts' },
  worker: { does: 'a worker', program: '../worker/main.ts' },
  watch: { does: 'the watcher', program: '../starter/main.ts' },
  web: { does: 'the dashboard', program: '../web/main.ts' },
  start: { does: 'runs files through a pipeline and waits', program: '../starter/start.ts' },
  compare: { does: 'says what has changed between two files', program: './compare.ts' },
  check: { does: 'says whether the pipelines are valid', program: './check.ts' },
  export: { does: "writes a pipeline's model for other programs", program: './export.ts' },
  import: { does: 'takes in a model that was trained elsewhere', program: './import.ts' },
  status: { does: 'says what every pipeline is doing', program: './status.ts' },
};

const usage = [
  'Usage: npm run calmops -- COMMAND …',
  '',
  ...Object.entries(COMMANDS).map(([name, { does }]) => `  ${name.padEnd(8)}${does}`),
].join('\n');

const name = process.argv[2] ?? '--help';
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command !== undefined) {
  process.argv.splice(2, 1);
  await import(command.program);
} else if (name === '--help' || name === '-h' || name === 'help') console.log(usage);
else {
  console.error(`There is no command '${name}'.\n\n${usage}`);
  process.exitCode = 1;
}
