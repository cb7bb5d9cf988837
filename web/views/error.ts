import { html } from '../html.ts';
import type { Page } from './layout.ts';

export interface Problem {
  readonly status: number;
  readonly title: string;
  /** what was looked for or asked, and what would be right */
  readonly message: string;
  readonly back?: { readonly name: string; readonly path: string };
}

export function errorPage({
  title,
  message,
  back = { name: 'All pipelines', path: '/' },
}: Problem): Page {
  return {
    title,
    trail: [{ name: 'Pipelines', path: '/' }],
    body: html`<h1>${title}</h1>
      <p class="lead">${message}</p>
      <p><a href="${back.path}">${back.name}</a></p>`,
  };
}
