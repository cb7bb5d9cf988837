import type { ErrorRequestHandler, NextFunction, Request, Response } from 'express';
import { InfrastructureError } from '../core/infrastructure-error.ts';
import { ArtefactDamagedError } from '../store/artefact-store.ts';
import { PageError } from './page-error.ts';
import { UnansweredError } from './temporal.ts';
import type { Page } from './views/layout.ts';
import { errorPage, type Problem } from './views/error.ts';

/** Where failures of the dashboard itself are written; a pino logger is one. */
export interface ErrorLog {
  error(details: object, message: string): void;
}

/** Every failure ends here, as a page that says what was asked and what would be right. */
export function createErrorHandler(
  log: ErrorLog,
  send: (response: Response, page: Page) => void,
): ErrorRequestHandler {
  // Express tells error handlers by their four parameters.
  return (error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = problemOf(error);
    if (problem.status >= 500 && !(error instanceof UnansweredError)) {
      log.error({ err: error, method: request.method, url: request.originalUrl }, 'Request failed');
    }
    response.status(problem.status);
    send(response, errorPage(problem));
  };
}

function problemOf(error: unknown): Problem {
  if (error instanceof PageError) return error.problem;
  if (error instanceof UnansweredError) {
    if (error.who === 'workflow') {
      return { status: 503, title: 'Its workflow code fails', message: error.message };
    }
    const message = `${error.message} Nothing is lost by it: load the page again when it runs.`;
    return { status: 503, title: 'Nobody answers', message };
  }
  if (error instanceof ArtefactDamagedError) {
    return { status: 500, title: 'Stored data is damaged', message: error.message };
  }
  if (error instanceof InfrastructureError) {
    const message = `It was tried, and ${error.message}. Pipelines wait for it and go on by themselves.`;
    return { status: 503, title: 'The store does not answer', message };
  }
  return PARSER_PROBLEMS[statusOf(error) ?? 500] ?? UNEXPECTED;
}

const UNEXPECTED: Problem = {
  status: 500,
  title: 'Something went wrong',
  message: 'The dashboard failed; its log says why. Pipelines are not affected by it.',
};

/** What Express and its body parser complain about. */
const PARSER_PROBLEMS: Readonly<Record<number, Problem>> = {
  400: {
    status: 400,
    title: 'Not understood',
    message: 'The request is not of the form that this dashboard sends.',
  },
  413: {
    status: 413,
    title: 'Too much',
    message: 'The form is larger than 16 kB. Say why in fewer words.',
  },
  415: {
    status: 415,
    title: 'Not understood',
    message: 'Forms are sent as application/x-www-form-urlencoded in UTF-8.',
  },
};

function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}
