import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router, static as files } from 'express';
import type { Assets } from './views/layout.ts';

const OWN = fileURLToPath(new URL('static/', import.meta.url));
const HTMX = createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js');

/** A browser may keep a file for a year: its address changes with its content. */
const FOREVER = { immutable: true, maxAge: '365d', index: false, redirect: false } as const;

/** Serves style and scripts under `/static`. */
export function assetRoutes(): Router {
  const router = Router();
  router.use(files(OWN, FOREVER));
  router.get('/htmx.min.js', (_request, response) => {
    response.sendFile(path.basename(HTMX), { root: path.dirname(HTMX), ...FOREVER });
  });
  return router;
}

/** Addresses of the files as they are now. */
export function assets(): Assets {
  return {
    css: versioned('calmops.css', path.join(OWN, 'calmops.css')),
    js: versioned('calmops.js', path.join(OWN, 'calmops.js')),
    htmx: versioned('htmx.min.js', HTMX),
    htmxIntegrity: `sha384-${digest('sha384', HTMX, 'base64')}`,
  };
}

function versioned(name: string, file: string): string {
  return `/static/${name}?v=${digest('sha256', file, 'hex').slice(0, 12)}`;
}

function digest(algorithm: string, file: string, encoding: 'hex' | 'base64'): string {
  return createHash(algorithm).update(readFileSync(file)).digest(encoding);
}
