/** Who may ask and what browsers may do with the answers. */
import type { NextFunction, Request, Response } from 'express';
import { hostName, knownHosts } from '../core/known-hosts.ts';
import { PageError } from './page-error.ts';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A chart that is opened by itself: it has a style of its own, and needs nothing else. */
export const CHART_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

export function securityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    // Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    'Cache-Control': 'no-cache',
  });
  next();
}

/**
 * Refuses requests under a host name that is not ours: a page elsewhere could have its own name resolve
 * to this machine and read from it (DNS rebinding).
 * @param allowed host names without port, besides the loopback ones
 */
export function knownHostsOnly(
  allowed: readonly string[],
): (request: Request, response: Response, next: NextFunction) => void {
  const isKnown = knownHosts(allowed);
  return function checkHost(request, _response, next) {
    if (isKnown(request.headers.host)) {
      next();
      return;
    }
    next(
      new PageError({
        status: 421,
        title: 'Unknown host name',
        message: `This dashboard does not answer to '${hostName(request.headers.host) ?? ''}'. Add the name to CALMOPS_ALLOWED_HOSTS if it is yours.`,
      }),
    );
  };
}

/** Refuses forms that were sent from a page of somebody else. */
export function sameOriginOnly(request: Request, _response: Response, next: NextFunction): void {
  if (isSameOrigin(request)) {
    next();
    return;
  }
  next(
    new PageError({
      status: 403,
      title: 'Not from here',
      message:
        'The form did not come from a page of this dashboard, so nothing was done. Open the pipeline here and try again.',
    }),
  );
}

function isSameOrigin({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  // Browsers say it themselves, but not to a server they reach without encryption under a name.
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}
