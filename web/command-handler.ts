import type { Request, Response } from 'express';
import { z } from 'zod';
import { pipelineName } from '../pipelines/schema.ts';
import { commandName, type CommandName, type CommandResult, type Commands } from './commands.ts';
import { notFound } from './page-error.ts';
import type { Asked } from './asked.ts';
import type { Pages } from './pages.ts';
import { modelsPath, pipelinePath } from './paths.ts';
import type { Page } from './views/layout.ts';

const commandParams = z.object({ name: pipelineName, command: commandName });
const formFields = z.record(z.string(), z.unknown()).catch({});

const STATUS: Readonly<Record<'invalid' | 'refused' | 'unanswered', number>> = {
  invalid: 422,
  refused: 409,
  unanswered: 503,
};

/**
 * Carries out a form: afterwards the browser is sent to the page that shows what changed, or gets the
 * page with the form again, filled in, with what is wrong.
 */
export function createCommandHandler(
  { commands, pages }: { readonly commands: Commands; readonly pages: Pages },
  send: (response: Response, page: Page) => void,
): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    const params = commandParams.safeParse(request.params);
    if (!params.success) throw notFound('There is no such command, or no such pipeline.');
    const { name, command } = params.data;
    const form = formFields.parse(request.body);
    const result = await commands.run(name, command, form);
    if (result.kind === 'unknown pipeline') throw notFound(`No pipeline called '${name}' runs.`);
    if (result.kind === 'done') {
      response.redirect(303, `${pageAfter(name, command)}?done=${command}`);
      return;
    }
    const values = Object.fromEntries(
      Object.entries(form).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    );
    const failed = { command, values, problems: problemsOf(result) };
    const page = await pageWithForm(
      pages,
      { params: { name, ...values }, query: {}, failed },
      command,
    );
    response.status(STATUS[result.kind]);
    send(response, page);
  };
}

/** Commands that are given on the page of models. */
const OF_MODELS: ReadonlySet<CommandName> = new Set<CommandName>(['promote', 'dropShadow']);

function pageAfter(name: string, command: CommandName): string {
  return OF_MODELS.has(command) ? modelsPath(name) : pipelinePath(name);
}

function pageWithForm(pages: Pages, asked: Asked, command: CommandName): Promise<Page> {
  if (OF_MODELS.has(command)) return pages.models(asked);
  if (command === 'reprocess') return pages.run(asked);
  return pages.pipeline(asked);
}

function problemsOf(
  result: Exclude<CommandResult, { kind: 'done' | 'unknown pipeline' }>,
): readonly string[] {
  return result.kind === 'invalid' ? result.problems : [result.reason];
}
