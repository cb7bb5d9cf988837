import type { FileOutcome } from './run-files.ts';

export interface TemporalUi {
  /** without a slash at its end */
  readonly base: string;
  readonly namespace: string;
}

const HEADS = ['file', 'outcome', 'rows', 'drift', 'champion scored'] as const;

/** One row a file, with the reason and a link into the Temporal UI below each. */
export function decisionTable(outcomes: readonly FileOutcome[], ui: TemporalUi): string {
  const rows = outcomes.map(({ file, outcome, known }) => [
    file.name,
    known ? `${outcome.outcome} (before)` : outcome.outcome,
    outcome.rows?.toString() ?? '–',
    outcome.driftScore?.toFixed(2) ?? '–',
    outcome.metric === null ? '–' : `${outcome.metric.name} ${outcome.metric.value.toFixed(3)}`,
  ]);
  const widths = HEADS.map((head, i) =>
    Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width));
  const body = outcomes.flatMap(({ outcome }, i) => [
    line(rows[i] ?? []),
    `  ${outcome.reason}`,
    `  ${workflowUrl(ui, outcome.workflowId)}`,
  ]);
  return [line(HEADS), line(rule), ...body].join('\n');
}

/** The newest run of a workflow in the Temporal UI. */
function workflowUrl({ base, namespace }: TemporalUi, workflowId: string): string {
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
