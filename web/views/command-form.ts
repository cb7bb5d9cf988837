import type { CommandName } from '../commands.ts';
import { html, type Html } from '../html.ts';
import { commandPath } from '../paths.ts';

/** A form that was sent and not carried out: what was in it, and why not. */
export interface FailedForm {
  readonly command: CommandName;
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

export interface CommandForm {
  readonly pipeline: string;
  readonly command: CommandName;
  /** on the closed form */
  readonly label: string;
  /** what it does, in one sentence */
  readonly hint: string;
  /** the newest command the page knows of: a form sent twice is carried out once */
  readonly seen: string;
  /** what the command is about, sent along */
  readonly about?: { readonly field: 'modelId' | 'sha256'; readonly value: string };
  readonly failed: FailedForm | null;
}

const DONE: Readonly<Record<CommandName, string>> = {
  pause: 'The pipeline is paused. Files that arrive wait in its queue.',
  resume: 'The pipeline goes on.',
  retrain: 'A retraining on the newest file is queued; the gate still decides.',
  promote: 'The model is in force.',
  dropShadow: 'The challenger is out of the shadow, and kept as a candidate.',
  rollback: 'The previous model is in force again.',
  resetBreaker: 'The breaker is closed.',
  reprocess: 'The file is queued again.',
};

/** What a command led to, after the page was loaded anew. */
export function doneNotice(command: CommandName | null): Html | null {
  return command === null ? null : html`<p class="notice good" role="status">${DONE[command]}</p>`;
}

export function commandForm(form: CommandForm): Html {
  const { pipeline, command, label, hint, seen, about } = form;
  const key = about === undefined ? command : `${command}-${about.value}`;
  const failed = isFor(form.failed, form) ? form.failed : null;
  const value = (field: string): string => failed?.values[field] ?? '';
  return html`<details class="command" name="command" id="${key}" ${failed === null ? '' : 'open'}>
    <summary>${label}</summary>
    <form method="post" action="${commandPath(pipeline, command)}">
      <p class="hint">${hint}</p>
      ${
        failed !== null &&
        html`<ul class="notice bad" role="alert">
          ${failed.problems.map((problem) => html`<li>${problem}</li>`)}
        </ul>`
      }
      <input type="hidden" name="seen" value="${seen}" />
      ${
        about !== undefined &&
        html`<input type="hidden" name="${about.field}" value="${about.value}" />`
      }
      <label for="${key}-by">Your name</label>
      <input
        id="${key}-by"
        name="by"
        value="${value('by')}"
        maxlength="80"
        autocomplete="name"
        required
      />
      <label for="${key}-why">Why</label>
      <input
        id="${key}-why"
        name="why"
        value="${value('why')}"
        maxlength="500"
        autocomplete="off"
        required
      />
      <button type="submit">${label}</button>
    </form>
  </details>`;
}

function isFor(failed: FailedForm | null, { command, about }: CommandForm): boolean {
  if (failed?.command !== command) return false;
  return about === undefined || failed.values[about.field] === about.value;
}
