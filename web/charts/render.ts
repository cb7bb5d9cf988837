import { createHash } from 'node:crypto';
import type { Config, Spec } from 'vega';
import { html, trustedHtml, type Html } from '../html.ts';
import { LastKnown } from '../last-known.ts';

/** A chart before it is drawn. */
export interface Chart {
  readonly spec: Spec;
  /** what it shows, in a few words */
  readonly title: string;
  /** what can be seen in it, for those who cannot see it */
  readonly description: string;
  /** what a link in the chart leads to, by its address */
  readonly links?: ReadonlyMap<string, string>;
}

/**
 * Colours are variables of the page, so that one drawing serves light and dark. Presentation attributes
 * take them; no style attribute is needed, which the content security policy would refuse.
 */
export const INK = {
  text: 'var(--chart-text)',
  grid: 'var(--chart-grid)',
  axis: 'var(--chart-axis)',
  reference: 'var(--chart-reference)',
  current: 'var(--chart-current)',
  neutral: 'var(--tone-neutral)',
  good: 'var(--tone-good)',
  warn: 'var(--tone-warn)',
  bad: 'var(--tone-bad)',
} as const;

const FONT = 'system-ui, sans-serif';

const CONFIG: Config = {
  axis: {
    labelColor: INK.text,
    labelFont: FONT,
    labelFontSize: 11,
    domainColor: INK.axis,
    tickColor: INK.axis,
    gridColor: INK.grid,
    tickSize: 4,
  },
  text: { fill: INK.text, font: FONT, fontSize: 11 },
};

/** Drawings by what they are drawn from: a polled page draws only what is new. */
const drawn = new LastKnown<string>(300);

/** The chart as SVG markup to stand inside a page. `id` is unique in the page. */
export async function renderInline(chart: Chart, id: string): Promise<Html> {
  const markup = await draw(chart);
  const names = html`<title id="${id}-title">${chart.title}</title>
    <desc id="${id}-desc">${chart.description}</desc>`;
  return trustedHtml(
    markup.replace(
      /<svg [^>]*?(width="\d+" height="\d+" viewBox="[^"]*")>/,
      `<svg $1 class="chart" role="img" aria-labelledby="${id}-title ${id}-desc">${names.toString()}`,
    ),
  );
}

/** The chart as an SVG file of its own, which brings its colours with it. */
export async function renderFile(chart: Chart): Promise<string> {
  const markup = await draw(chart);
  return markup.replace(/(<svg [^>]*>)/, `$1<style>${FILE_COLOURS}</style>`);
}

const FILE_COLOURS = [
  ':root{--chart-text:#5a6570;--chart-grid:#e3e6e8;--chart-axis:#9aa4ad;--chart-reference:#9fb0be;--chart-current:#b4541a}',
  '@media (prefers-color-scheme:dark){:root{--chart-text:#a3aeb8;--chart-grid:#2c3338;--chart-axis:#5d6871;--chart-reference:#5f7182;--chart-current:#f0975a}}',
].join('');

async function draw({ spec, links }: Chart): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(spec)).digest('hex');
  const known = drawn.get(key);
  if (known !== undefined) return named(known, links);
  // It takes 25 MB, and a dashboard draws nothing before there are runs.
  const { parse, View } = await import('vega');
  const view = new View(parse({ ...spec, config: CONFIG }), { renderer: 'none' });
  try {
    const markup = tidied(await view.toSVG());
    drawn.set(key, markup);
    return named(markup, links);
  } finally {
    view.finalize();
  }
}

/**
 * The picture is one image with a title and a description: the names of its axes and marks would be noise
 * beside them. A hundredth of a pixel is exact enough.
 */
function tidied(markup: string): string {
  return markup
    .replace(/ (?:role|aria-[a-z]+|pointer-events|class)="[^"]*"/g, '')
    .replace(/ (?:d|transform|x2|y2|width|height)="[^"]*"/g, (attribute) =>
      attribute.replace(/(\.\d\d)\d+/g, '$1'),
    );
}

/** Links say where they lead; tables have them too, so the keyboard need not stop at each. */
function named(markup: string, links: ReadonlyMap<string, string> = new Map()): string {
  return markup.replace(/<a xlink:href="([^"]*)"[^>]*>/g, (_, href: string) => {
    const title = html`<title>${links.get(href)}</title>`;
    return `<a href="${href}" tabindex="-1">${title.toString()}`;
  });
}
