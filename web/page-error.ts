import type { Problem } from './views/error.ts';

/** Answered with an error page that says what was asked and what would be right. */
export class PageError extends Error {
  override name = 'PageError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

export function notFound(what: string, back?: Problem['back']): PageError {
  return new PageError({
    status: 404,
    title: 'Not found',
    message: what,
    ...(back === undefined ? {} : { back }),
  });
}
