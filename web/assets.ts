import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router } from 'express';
import type { Assets } from './views/layout.ts';

const OWN = fileURLToPath(new URL('../web/static/', import.meta.url));

/** Files of the style, in the order in which they are sent as one: later rules win over earlier ones. */
export const STYLE_FILES: readonly string[] = [
  'colours',
  'text',
  'site',
  'facts',
  'states',
  'actions',
  'tables',
  'charts',
  'progress',
].map((subject) => path.join(OWN, 'style', `${subject}.css`));

const HTMX = createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js');

/** By name, what every page loads: read once, a few tens of kB. */
const FILES = {
  'calmops.css': { type: 'css', content: together(STYLE_FILES) },
  'calmops.js': { type: 'js', content: together([path.join(OWN, 'calmops.js')]) },
  'htmx.min.js': { type: 'js', content: together([HTMX]) },
} as const;

/** A browser may keep a file for a year: its address changes with its content. */
const FOREVER = 'public, max-age=31536000, immutable';

/** Serves style and scripts under `/static`. */
export function assetRoutes(): Router {
  const router = Router();
  for (const [name, { type, content }] of Object.entries(FILES)) {
    router.get(`/${name}`, (_request, response) => {
      response.set('Cache-Control', FOREVER).type(type).send(content);
    });
  }
  return router;
}

/** Addresses of the files as they are now. */
export function assets(): Assets {
  return {
    css: versioned('calmops.css'),
    js: versioned('calmops.js'),
    htmx: versioned('htmx.min.js'),
    htmxIntegrity: `sha384-${digest('sha384', FILES['htmx.min.js'].content, 'base64')}`,
  };
}

function together(files: readonly string[]): Buffer {
  return Buffer.concat(files.map((file) => readFileSync(file)));
}

function versioned(name: keyof typeof FILES): string {
  return `/static/${name}?v=${digest('sha256', FILES[name].content, 'hex').slice(0, 12)}`;
}

function digest(algorithm: string, content: Buffer, encoding: 'hex' | 'base64'): string {
  return createHash(algorithm).update(content).digest(encoding);
}
