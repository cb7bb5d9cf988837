const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Tells whether a `Host` header names this machine by loopback or by one of the allowed names. A page elsewhere could
 * have its own name resolve to this machine and then read from it as from itself (DNS rebinding); the header, which
 * scripts cannot change, still tells that name.
 * @param allowed host names without port, besides the loopback ones
 */
export function knownHosts(allowed: readonly string[]): (header: string | undefined) => boolean {
  const hosts = new Set([...LOOPBACK_HOSTS, ...allowed.map((host) => host.toLowerCase())]);
  return (header) => {
    const host = hostName(header);
    return host !== null && hosts.has(host);
  };
}

/** The name in a `Host` header, without port; null if it is none. */
export function hostName(header: string | undefined): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d+)?$/.exec(header?.toLowerCase() ?? '');
  return match?.[1] ?? null;
}
