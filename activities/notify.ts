import { loadHooks, runHook } from '../pipelines/load-hooks.ts';
import type { LightActivities } from '../workflows/contract.ts';

/** Tells others how a run ended, by the pipeline's notify hook if it has one. */
export async function notify({
  config,
  report,
}: Parameters<LightActivities['notify']>[0]): Promise<void> {
  if (config.hooks === null) return;
  const hooks = await loadHooks(config.hooks.path);
  if (hooks.notify === undefined) return;
  const { summary } = report;
  await runHook(hooks, 'notify', {
    pipeline: report.pipeline,
    fileName: summary.fileName,
    sha256: summary.sha256,
    workflowId: summary.workflowId,
    // A run that was ended from outside and begun again has the id of the one before.
    idempotencyKey: `${summary.workflowId}@${summary.finishedAt}`,
    outcome: summary.outcome,
    action: summary.action,
    reason: summary.reason,
    rows: summary.rows,
    driftScore: summary.driftScore,
    metric: summary.metric,
    championId: summary.championId,
    finishedAt: summary.finishedAt,
  });
}
