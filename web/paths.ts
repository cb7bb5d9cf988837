/** Addresses of pages, so that links and routes cannot drift apart. */

interface RunKey {
  readonly sha256: string;
  readonly revision: number;
}

export const pipelinePath = (name: string): string => `/pipelines/${encodeURIComponent(name)}`;

export const modelsPath = (name: string): string => `${pipelinePath(name)}/models`;

export const runPath = (pipeline: string, { sha256, revision }: RunKey): string =>
  `${pipelinePath(pipeline)}/runs/${encodeURIComponent(sha256)}${revision === 0 ? '' : `/${String(revision)}`}`;

export const commandPath = (pipeline: string, command: string): string =>
  `${pipelinePath(pipeline)}/commands/${encodeURIComponent(command)}`;

/** The polled part of a page. */
export const partPath = (page: string): string => `/parts${page}`;

export const histogramPath = (pipeline: string, run: RunKey, column: number): string =>
  `/charts${pipelinePath(pipeline)}/runs/${encodeURIComponent(run.sha256)}/${String(run.revision)}/columns/${String(column)}.svg`;

/** A workflow in the Temporal UI. */
export const temporalPath = (base: string, namespace: string, workflowId: string): string =>
  `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
