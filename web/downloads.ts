/** Files that pages link to: charts, and what the store holds, byte for byte, for other programs. */
import { parseModelCard } from '../store/model-card.ts';
import { reportUri } from '../workflows/contract.ts';
import { columnIn, modelIdIn, nameIn, runIdIn, type Asked } from './asked.ts';
import { histogramChart } from './charts/histogram.ts';
import { renderFile } from './charts/render.ts';
import { notFound } from './page-error.ts';
import { modelsPath, runPath } from './paths.ts';
import type { Queries } from './queries.ts';

/** JSON as it is stored. */
export interface Download {
  /** under which a browser keeps it */
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** The histogram of a column, as an SVG file. */
export async function histogramFile(queries: Queries, asked: Asked): Promise<string> {
  const id = runIdIn(asked);
  const index = columnIn(asked);
  const found = (await queries.report(id))?.drift?.report;
  const drift = found === undefined ? null : await queries.drift(found);
  const column = drift?.columns[index];
  if (column?.histogram === undefined) {
    throw notFound(
      `The run of ${id.sha256} in '${id.pipeline}' has no histogram of column number ${String(index)}.`,
    );
  }
  return renderFile(histogramChart(column.name, column.histogram));
}

/** The whole report of a run: what was found, decided and done. */
export async function reportFile(queries: Queries, asked: Asked): Promise<Download> {
  const { pipeline, sha256, revision } = runIdIn(asked);
  const bytes = await queries.stored(reportUri(pipeline, sha256, revision));
  if (bytes === null) {
    throw notFound(`The run of ${sha256} in '${pipeline}' has no report, or not yet.`, {
      name: 'The run',
      path: runPath(pipeline, { sha256, revision }),
    });
  }
  return { fileName: `${pipeline}-${sha256.slice(0, 12)}-report.json`, bytes };
}

/** All numbers of the drift detection of a run. */
export async function driftFile(queries: Queries, asked: Asked): Promise<Download> {
  const id = runIdIn(asked);
  const found = (await queries.report(id))?.drift?.report;
  const bytes = found === undefined ? null : await queries.stored(found.uri);
  if (bytes === null) {
    throw notFound(`The run of ${id.sha256} in '${id.pipeline}' has no report of drift.`, {
      name: 'The run',
      path: runPath(id.pipeline, id),
    });
  }
  return { fileName: `${id.pipeline}-${id.sha256.slice(0, 12)}-drift.json`, bytes };
}

/** The card of a model of the pipeline. */
export async function cardFile(queries: Queries, asked: Asked): Promise<Download> {
  const pipeline = nameIn(asked);
  const id = modelIdIn(asked);
  const bytes = await queries.stored(`models/${id}/card.json`);
  if (bytes === null || parseModelCard(bytes).pipeline !== pipeline) {
    throw notFound(`Pipeline '${pipeline}' has no model '${id}'.`, {
      name: `Models of ${pipeline}`,
      path: modelsPath(pipeline),
    });
  }
  return { fileName: `${pipeline}-${id}-card.json`, bytes };
}
