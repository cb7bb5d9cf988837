/** What requests ask for, checked. Whatever is not of the right form is not found. */
import { z } from 'zod';
import { pipelineName } from '../pipelines/schema.ts';
import { notFound } from './page-error.ts';
import type { RunId } from './published.ts';
import type { FailedForm } from './views/command-form.ts';

/** A request as it came. */
export interface Asked {
  readonly params: unknown;
  readonly query: unknown;
  /** the form that led here, when it was not carried out */
  readonly failed?: FailedForm;
}

const nameParams = z.object({ name: pipelineName });
const runParams = z.object({
  name: pipelineName,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  revision: z.coerce.number().int().min(0).max(1e9).default(0),
});
const columnParams = z.object({ column: z.coerce.number().int().min(0).max(1e6) });

/** Ids are parts of paths in the store. */
const modelParams = z.object({ model: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$/) });

export function nameIn({ params }: Asked): string {
  const parsed = nameParams.safeParse(params);
  if (parsed.success) return parsed.data.name;
  throw notFound(
    'That is not the name of a pipeline: names are lower-case letters, digits and hyphens, at most 63.',
  );
}

export function runIdIn({ params }: Asked): RunId {
  const parsed = runParams.safeParse(params);
  if (!parsed.success) {
    throw notFound(
      'That is not the address of a run: it names a pipeline and the sha256 of a file, 64 hex digits.',
    );
  }
  const { name, sha256, revision } = parsed.data;
  return { pipeline: name, sha256, revision };
}

/** The number of a column, from 0. */
export function columnIn({ params }: Asked): number {
  const parsed = columnParams.safeParse(params);
  if (parsed.success) return parsed.data.column;
  throw notFound('There is no such chart: its address is not of the right form.');
}

export function modelIdIn({ params }: Asked): string {
  const parsed = modelParams.safeParse(params);
  if (parsed.success) return parsed.data.model;
  throw notFound(
    'That is not the id of a model: ids are letters, digits, hyphens and underscores.',
  );
}
