/** `calmops status`: what every pipeline is doing. */
import { connectClient } from '../shell/connection.ts';
import { createFileLogger } from '../shell/logging.ts';
import { runProcess } from '../shell/process.ts';
import { runningStatus } from '../starter/intake.ts';
import { readPipelines } from '../starter/pipelines.ts';
import type { PipelineStatus } from '../workflows/contract.ts';

await runProcess({ component: 'status', log: createFileLogger }, async ({ settings }) => {
  const { valid } = await readPipelines(settings.pipelinesFolder);
  if (valid.length === 0) {
    console.log(`No valid pipeline in ${settings.pipelinesFolder}`);
    return 0;
  }
  const client = await connectClient();
  try {
    for (const { name } of valid) {
      const status = await runningStatus(client, name);
      console.log(status === null ? `${name}: has not seen a file yet` : describe(name, status));
    }
  } finally {
    await client.connection.close();
  }
  return 0;
});

function describe(name: string, status: PipelineStatus): string {
  const { state, queued, runs, champion, shadow, breaker, last } = status;
  const lines = [
    `${name}: ${state}, ${runs} runs, ${queued} queued, breaker ${breaker.kind}`,
    `  champion: ${champion === null ? 'none yet' : `${champion.model.id} since ${champion.since}`}`,
  ];
  if (shadow !== null && shadow !== undefined) {
    const { model, filesSeen, files } = shadow;
    lines.push(`  in shadow: ${model.id}, ${filesSeen} of ${files} files seen`);
  }
  if (last !== null) lines.push(`  last: ${last.fileName} was ${last.outcome}. ${last.reason}`);
  return lines.join('\n');
}
