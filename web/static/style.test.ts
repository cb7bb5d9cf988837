import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { STYLE_FILES } from '../assets.ts';

const WEB = fileURLToPath(new URL('..', import.meta.url));
const style = STYLE_FILES.map((file) => readFileSync(file, 'utf8')).join('');

describe('the style', () => {
  it('is sent whole', () => {
    const there = readdirSync(path.join(WEB, 'static/style')).map((name) =>
      path.join(WEB, 'static/style', name),
    );
    assert.deepEqual([...STYLE_FILES].sort(), there.sort());
  });

  it('has no class that no view uses', () => {
    const selectors = style.replace(/\/\*[^]*?\*\//g, '').replace(/\{[^{}]*\}/g, ' ');
    const classes = new Set([...selectors.matchAll(/\.([a-z][\w-]*)/g)].map(([, name]) => name));
    const views = readdirSync(WEB, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(path.join(WEB, file), 'utf8'))
      .join('');
    const unused = [...classes].filter((name) => !new RegExp(`[\\s"']${name}[\\s"']`).test(views));
    assert.deepEqual(unused, []);
  });

  /** Text is at least 4.5 times as bright or dark as what it stands on: WCAG 2.2, 1.4.3 (AA). */
  for (const [scheme, at] of [
    ['light', 0],
    ['dark', 1],
  ] as const) {
    it(`has enough contrast for all text, ${scheme}`, () => {
      const colours = coloursOf(at);
      for (const [ink, ground] of [
        ['ink', 'page'],
        ['ink', 'surface'],
        ['muted', 'page'],
        ['muted', 'surface'],
        ['link', 'page'],
        ['link', 'surface'],
        ['surface', 'link'],
        ['chart-text', 'surface'],
        ['chart-text', 'page'],
      ] as const) {
        const ratio = contrast(colours.get(ink) ?? '', colours.get(ground) ?? '');
        assert.ok(ratio >= 4.5, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
      }
      // Marks and borders that say something: 1.4.11.
      for (const mark of ['tone-neutral', 'tone-good', 'tone-warn', 'tone-bad', 'focus']) {
        for (const ground of ['page', 'surface']) {
          const ratio = contrast(colours.get(mark) ?? '', colours.get(ground) ?? '');
          assert.ok(ratio >= 3, `${mark} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
    });
  }
});

/** The variables of the nth `:root` that sets colours. */
function coloursOf(nth: number): ReadonlyMap<string, string> {
  const roots = [...style.matchAll(/:root \{([^}]*--page[^}]*)\}/g)];
  const found = [...(roots[nth]?.[1] ?? '').matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)];
  assert.ok(found.length > 10);
  return new Map(found.map(([, name = '', colour = '']) => [name, colour]));
}

/** WCAG 2.2: (L₁ + 0.05) / (L₂ + 0.05) of relative luminances, the brighter first. */
function contrast(a: string, b: string): number {
  const [dark, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((bright ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
