/**
 * The environment of the child processes that run tasks. They read what strangers wrote, so they have no secret of
 * CalmOps; hooks run in them, so they have everything else.
 *
 * `MALLOC_ARENA_MAX` keeps glibc from making memory arenas for the many threads of DuckDB and Node, which it would not
 * give back.
 */
export function childEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const given = Object.entries(env).filter(([name]) => !SECRETS.test(name));
  return { MALLOC_ARENA_MAX: '2', ...Object.fromEntries(given) };
}

/** Keys of CalmOps and of Temporal's client, and the names of the files that hold them. */
const SECRETS = /^(CALMOPS_CODEC_KEY|TEMPORAL_API_KEY|TEMPORAL_TLS_CLIENT_KEY)/;
