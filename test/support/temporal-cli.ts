import { connectOptions } from '../../shell/connection.ts';
import { fileURLToPath } from 'node:url';
import {
  findTemporalCli,
  TemporalCliMissingError,
  type TemporalCli,
} from '../../starter/temporal-cli.ts';

/** The project's own home, so that the CLI is fetched once. */
const PROJECT_HOME = fileURLToPath(new URL('../../.calmops', import.meta.url));

/** The command line tool that `npm start` uses, or why this machine has none. */
export function temporalCli(): Promise<TemporalCli | TemporalCliMissingError> {
  return findTemporalCli(PROJECT_HOME).catch((error: unknown) => {
    if (error instanceof TemporalCliMissingError) return error;
    throw error;
  });
}

/** Why a test of the embedded server cannot run here; false if it can. */
export function embeddedSkip(cli: TemporalCli | TemporalCliMissingError): string | false {
  if (cli instanceof TemporalCliMissingError) return cli.message;
  return connectOptions().configured ? 'TEMPORAL_ADDRESS is set' : false;
}
