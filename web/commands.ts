/** The only place from which the dashboard changes anything: updates of `monitorPipeline`. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  dropShadow,
  pause,
  pipelineWorkflowId,
  promote,
  reprocess,
  resetBreaker,
  resume,
  retrain,
  rollback,
  type DatasetFile,
} from '../workflows/contract.ts';
import type { Queries } from './queries.ts';
import {
  RefusedError,
  UnansweredError,
  UnknownWorkflowError,
  type TemporalWriter,
} from './temporal.ts';

export const COMMAND_NAMES = [
  'pause',
  'resume',
  'retrain',
  'promote',
  'dropShadow',
  'rollback',
  'resetBreaker',
  'reprocess',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];
export const commandName = z.enum(COMMAND_NAMES);

export type CommandResult =
  | { readonly kind: 'done' }
  /** the form was not filled in rightly; one sentence a field */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }
  | { readonly kind: 'refused' | 'unanswered'; readonly reason: string }
  | { readonly kind: 'unknown pipeline' };

export interface Commands {
  /** @param form fields as they were sent: by, why, seen, and modelId or sha256 where needed */
  run(pipeline: string, name: CommandName, form: unknown): Promise<CommandResult>;
}

const line = (most: number, problem: string): z.ZodString =>
  z
    .string(problem)
    .trim()
    .min(1, problem)
    .max(most, `${problem} (at most ${String(most)} characters)`);

const requestSchema = z.object({
  by: line(80, 'Say who you are.'),
  why: line(500, 'Say why: it is kept with what it leads to.'),
  /** what the page knew of earlier commands: the same form sent twice is one command */
  seen: z.string().max(100).default(''),
});
const modelSchema = requestSchema.extend({
  modelId: z.string('Choose a model.').min(1, 'Choose a model.').max(200),
});
const reprocessSchema = requestSchema.extend({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'The file is named by its sha256: 64 hex digits.'),
});

const SIMPLE = { pause, resume, retrain, rollback, resetBreaker };

/** @param reports where the file of a run is found that its pipeline does not have at hand any more */
export function createCommands(
  temporal: TemporalWriter,
  reports: Pick<Queries, 'report'>,
): Commands {
  return {
    run: async (pipeline, name, form) => {
      const parsed = schemaOf(name).safeParse(form);
      if (!parsed.success) {
        return { kind: 'invalid', problems: parsed.error.issues.map(({ message }) => message) };
      }
      try {
        const file = await fileOf(reports, pipeline, parsed.data.sha256);
        await send(temporal, pipelineWorkflowId(pipeline), name, { ...parsed.data, file });
        return { kind: 'done' };
      } catch (error) {
        if (error instanceof RefusedError) return { kind: 'refused', reason: error.message };
        if (error instanceof UnansweredError) return { kind: 'unanswered', reason: error.message };
        if (error instanceof UnknownWorkflowError) return { kind: 'unknown pipeline' };
        throw error;
      }
    },
  };
}

type Form = z.output<typeof requestSchema> & {
  readonly modelId?: string | undefined;
  readonly sha256?: string | undefined;
};

async function fileOf(
  reports: Pick<Queries, 'report'>,
  pipeline: string,
  sha256: string | undefined,
): Promise<DatasetFile | null> {
  if (sha256 === undefined) return null;
  return (await reports.report({ pipeline, sha256, revision: 0 }))?.file ?? null;
}

function schemaOf(name: CommandName): z.ZodType<Form> {
  if (name === 'promote' || name === 'dropShadow') return modelSchema;
  if (name === 'reprocess') return reprocessSchema;
  return requestSchema;
}

async function send(
  temporal: TemporalWriter,
  workflowId: string,
  name: CommandName,
  { by, why, seen, modelId = '', sha256 = '', file }: Form & { readonly file: DatasetFile | null },
): Promise<void> {
  const request = { by, why };
  const id = createHash('sha256')
    .update(JSON.stringify([name, by, why, seen, modelId, sha256]))
    .digest('hex');
  if (name === 'promote') {
    await temporal.update(workflowId, promote, { ...request, modelId }, id);
  } else if (name === 'dropShadow') {
    await temporal.update(workflowId, dropShadow, { ...request, modelId }, id);
  } else if (name === 'reprocess') {
    await temporal.update(
      workflowId,
      reprocess,
      { ...request, sha256, ...(file !== null && { file }) },
      id,
    );
  } else {
    await temporal.update(workflowId, SIMPLE[name], request, id);
  }
}
