/** The arguments of a command that takes none but `--help`. */
import { parseArgs } from 'node:util';

/**
 * Prints the usage where it is asked for, or on standard error with what is wrong with the arguments.
 * @param usage the whole text that the command prints about itself
 * @returns the exit code that the command ends with; null if it has no arguments and is to run
 */
export function answerWithUsage(usage: string): number | null {
  try {
    const { values } = parseArgs({
      args: process.argv.slice(2),
      options: { help: { type: 'boolean', short: 'h' } },
    });
    if (values.help !== true) return null;
    console.log(usage);
    return 0;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    return 1;
  }
}
