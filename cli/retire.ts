/** `calmops retire PIPELINE`: ends a pipeline whose folder is gone. */
import { access } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { hasCode } from '../core/error-code.ts';
import { pipelineName } from '../pipelines/schema.ts';
import { connectClient } from '../shell/connection.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import { pipelineWorkflowId, retire } from '../workflows/contract.ts';

const USAGE = `Usage: npm run calmops -- retire PIPELINE [options]

Ends a pipeline for good: its workflow ends after the files that wait. Its models and reports stay in the store, and a
pipeline of the same name takes them up. Remove its folder from the pipelines first, else it begins again with the
next file. CalmOps must be running.

  --drop                does not run the files that wait
  --by NAME, --why TEXT kept with what it leads to

Exit code: 0 it ends, 1 an error.`;

interface Wanted {
  readonly pipeline: string;
  readonly queue: 'finish' | 'drop';
  readonly by: string;
  readonly why: string;
}

await runProcess({ component: 'retire', log: createFileLogger }, async ({ settings }) => {
  const wanted = readArguments(process.argv.slice(2));
  if (wanted === null) {
    console.log(USAGE);
    return 0;
  }
  if (typeof wanted === 'string') {
    console.error(`${wanted}\n\n${USAGE}`);
    return 1;
  }
  const { pipeline, ...request } = wanted;
  const folder = path.join(settings.pipelinesFolder, pipeline);
  if (await exists(folder)) {
    console.error(`${folder} is there: remove it first, else the pipeline begins again.`);
    return 1;
  }
  const client = await connectClient();
  try {
    const handle = client.workflow.getHandle(pipelineWorkflowId(pipeline));
    await handle.executeUpdate(retire, { args: [request] });
    console.log(`${pipeline} ends${request.queue === 'drop' ? '' : ' after the files that wait'}.`);
    return 0;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      console.error(`No pipeline ${pipeline} is running.`);
      return 1;
    }
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    console.error(`${pipeline} is not retired: ${error.cause?.message ?? error.message}`);
    return 1;
  } finally {
    await client.connection.close();
  }
});

/** null: the usage is wanted; a string: what is wrong with the arguments. */
function readArguments(args: string[]): Wanted | null | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        drop: { type: 'boolean', default: false },
        by: { type: 'string' },
        why: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return null;
    const [name, ...rest] = positionals;
    const found = pipelineName.safeParse(name);
    if (!found.success || rest.length > 0) return 'Name one pipeline.';
    return {
      pipeline: found.data,
      queue: values.drop ? 'drop' : 'finish',
      by: values.by ?? userInfo().username,
      why: values.why ?? 'asked for on the command line',
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await access(folder);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
