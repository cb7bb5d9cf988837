import type { UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import type { AuditEntry, Request } from './contract.ts';
import { recordAudit, type PipelineState } from './pipeline-state.ts';
import { showInLists } from './shown-state.ts';

/** What an update did, and the report of the run that it goes back to. */
type Applied = string | Required<Pick<AuditEntry, 'detail' | 'report'>>;

/** Why an update is not done; null: it may be. The type of the failure is `Refused` where none is said. */
type Refusal = string | { readonly type: string; readonly reason: string } | null;

/** An update: refused with a reason by `check`, otherwise applied and kept in the audit. It names who asked and why. */
export function command<R extends Request>(
  state: PipelineState,
  action: AuditEntry['action'],
  definition: UpdateDefinition<void, [R]>,
  { check, apply }: { check: (request: R) => Refusal; apply: (request: R) => Applied },
): void {
  const refuse = (refusal: Refusal): void => {
    if (refusal === null) return;
    const { type, reason } =
      typeof refusal === 'string' ? { type: 'Refused', reason: refusal } : refusal;
    throw ApplicationFailure.nonRetryable(`${action}: ${reason}`, type);
  };
  const handler = async (request: R): Promise<void> => {
    if (state.takingUp) await condition(() => !state.takingUp);
    // What was true when it was let in may be otherwise by now.
    refuse(check(request));
    const applied = apply(request);
    const details = typeof applied === 'string' ? { detail: applied } : applied;
    const at = new Date().toISOString();
    recordAudit(state, { action, by: request.by, why: request.why, at, ...details });
    showInLists(state);
  };
  const validator = (request: R): void => {
    refuse(missingRequest(request));
    if (!state.takingUp) refuse(check(request));
  };
  setHandler<void, [R], UpdateDefinition<void, [R]>>(definition, handler, { validator });
}

/** Fifty entries of the audit are carried along. */
const MAX_BY = 100;
const MAX_WHY = 600;

/** Updates come from outside, also from tools that know nothing of our types. */
function missingRequest(request: Partial<Request> | undefined): string | null {
  if (typeof request?.by !== 'string' || request.by.trim() === '') return 'say who asks (by)';
  if (typeof request.why !== 'string' || request.why.trim() === '') return 'say why (why)';
  if (request.by.length > MAX_BY) return `say who asks in at most ${MAX_BY} characters`;
  if (request.why.length > MAX_WHY) return `say why in at most ${MAX_WHY} characters`;
  return null;
}
