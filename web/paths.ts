/** Addresses of pages, so that links and routes cannot drift apart. */

interface RunKey {
  readonly sha256: string;
  readonly revision: number;
}

export const pipelinePath = (name: string): string => `/pipelines/${encodeURIComponent(name)}`;

export const modelsPath = (name: string): string => `${pipelinePath(name)}/models`;

export const runPath = (pipeline: string, { sha256, revision }: RunKey): string =>
  `${pipelinePath(pipeline)}/runs/${encodeURIComponent(sha256)}${revision === 0 ? '' : `/${String(revision)}`}`;

/** The run that a report in the store is of; null if it is none. */
export function runOfReport(uri: string): (RunKey & { readonly pipeline: string }) | null {
  const [, pipeline, sha256, revision = '0'] =
    /^reports\/([^/]+)\/([0-9a-f]{64})(?:\.(\d+))?\.json$/.exec(uri) ?? [];
  if (pipeline === undefined || sha256 === undefined) return null;
  return { pipeline, sha256, revision: Number(revision) };
}

/** What the store holds of a run, as JSON. */
export const runFilePath = (pipeline: string, run: RunKey, file: 'report' | 'drift'): string =>
  `${runPath(pipeline, { ...run, revision: 0 })}/${String(run.revision)}/${file}.json`;

export const cardPath = (pipeline: string, modelId: string): string =>
  `${modelsPath(pipeline)}/${encodeURIComponent(modelId)}/card.json`;

export const commandPath = (pipeline: string, command: string): string =>
  `${pipelinePath(pipeline)}/commands/${encodeURIComponent(command)}`;

/** The polled part of a page. */
export const partPath = (page: string): string => `/parts${page}`;

export const histogramPath = (pipeline: string, run: RunKey, column: number): string =>
  `/charts${pipelinePath(pipeline)}/runs/${encodeURIComponent(run.sha256)}/${String(run.revision)}/columns/${String(column)}.svg`;

/** A workflow in the Temporal UI. */
export const temporalPath = (base: string, namespace: string, workflowId: string): string =>
  `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
