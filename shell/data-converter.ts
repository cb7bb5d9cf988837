import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { CodecKey } from './codec-keys.ts';
import { payloadEncryption } from './payload-encryption.ts';
import { payloadLimit } from './payload-limit.ts';

/**
 * How what workflows carry is written for the server, the same for every client and worker. With keys, payloads are
 * encrypted, and so are messages and stacks of failures. The limit comes last, since it counts what the server counts.
 */
export function dataConverterWith(keys: readonly CodecKey[]): DataConverter {
  return {
    payloadCodecs: [payloadEncryption(keys), payloadLimit],
    ...(keys.length > 0 && { failureConverterPath: ENCODING_FAILURES }),
  };
}

const ENCODING_FAILURES = fileURLToPath(new URL('../shell/encoding-failures.cjs', import.meta.url));
