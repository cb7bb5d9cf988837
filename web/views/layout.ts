import { html, type Child, type Html } from '../html.ts';

/** Addresses and hashes of what every page loads. */
export interface Assets {
  readonly css: string;
  readonly js: string;
  readonly htmx: string;
  /** subresource integrity of htmx */
  readonly htmxIntegrity: string;
}

export interface Page {
  readonly title: string;
  /** from the list of pipelines down to this page, which is left out */
  readonly trail?: readonly { readonly name: string; readonly path: string }[];
  readonly body: Child;
}

/**
 * htmx adds no style of its own, leaves the page as it is when the server has nothing good to say, and
 * lets readers keep what they have opened.
 */
const HTMX_CONFIG = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  extensions: 'calmops',
  noSwap: [204, 304, '4xx', '5xx'],
  morphIgnore: ['data-htmx-powered', 'open'],
  defaultTimeout: 8000,
});

export function layout({ title, trail = [], body }: Page, assets: Assets): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content="${HTMX_CONFIG}" />
        <title>${title} · CalmOps</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${assets.css}" />
        <script src="${assets.htmx}" integrity="${assets.htmxIntegrity}" defer></script>
        <script src="${assets.js}" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="site">
          <a class="brand" href="/">CalmOps</a>
          <nav aria-label="Breadcrumb">
            <ol class="trail">
              ${trail.map(({ name, path }) => html`<li><a href="${path}">${name}</a></li>`)}
            </ol>
          </nav>
        </header>
        <p id="connection" class="notice stale" role="status" hidden></p>
        <main id="main" tabindex="-1">${body}</main>
      </body>
    </html>`;
}

/**
 * A part of a page that is asked for again while `everySeconds` is set: its path answers with the same
 * part. Without JavaScript it stays as it was sent.
 */
export function livePart(
  {
    id,
    path,
    everySeconds,
  }: { readonly id: string; readonly path: string; readonly everySeconds: number | null },
  content: Child,
): Html {
  if (everySeconds === null) return html`<div id="${id}">${content}</div>`;
  return html`<div
    id="${id}"
    hx-get="${path}"
    hx-trigger="every ${everySeconds}s"
    hx-swap="outerMorph"
  >
    ${content}
  </div>`;
}
