import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childEnvironment } from './child-environment.ts';

test('processes that read strangers’ files see no secret, and hooks see what else there is', () => {
  const found = childEnvironment({
    CALMOPS_CODEC_KEY: 'k',
    CALMOPS_CODEC_KEY_FILE: '/run/secrets/k',
    TEMPORAL_API_KEY: 'a',
    TEMPORAL_TLS_CLIENT_KEY_DATA: 'pem',
    PATH: '/bin',
    MAIL_TOKEN: 'of the hooks',
  });
  assert.deepEqual(found, { MALLOC_ARENA_MAX: '2', PATH: '/bin', MAIL_TOKEN: 'of the hooks' });
});
