/** What may stand inside a template. Everything but `Html` is escaped; nothing else compiles. */
export type Child = Html | string | number | false | null | undefined | readonly Child[];

/** Markup that is safe to send: made by `html` or vouched for by `trustedHtml`. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** Builds markup from a template; put quotes around attributes. `false`, null and undefined show nothing. */
export function html(strings: TemplateStringsArray, ...children: readonly Child[]): Html {
  const parts = strings.map((text, i) => text + (i < children.length ? render(children[i]) : ''));
  return new Html(parts.join(''));
}

/** Vouches for markup that was made elsewhere, such as a chart. */
export function trustedHtml(markup: string): Html {
  return new Html(markup);
}

function render(child: Child): string {
  if (child === false || child === null || child === undefined) return '';
  if (child instanceof Html) return child.toString();
  if (typeof child === 'string' || typeof child === 'number') return escape(String(child));
  return child.map(render).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
