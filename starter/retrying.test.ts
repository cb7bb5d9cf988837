import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { retrying } from './retrying.ts';

const logger = pino({ level: 'silent' });
const DAY_MS = 24 * 3_600_000;

describe('whoever brings files to a server that is away', () => {
  test('goes on asking for a whole day, and has it within seconds when it is back', async () => {
    let clockMs = 0;
    const waits: number[] = [];
    const wait = (ms: number): Promise<void> => {
      clockMs += ms;
      waits.push(ms);
      return Promise.resolve();
    };
    const ask = (): Promise<string> =>
      clockMs < DAY_MS ? Promise.reject(new Error('14 UNAVAILABLE')) : Promise.resolve('taken');
    const { signal } = new AbortController();
    assert.equal(await retrying('hand over 1 file', ask, { logger, signal, wait }), 'taken');
    assert.ok(Math.max(...waits) <= 5_000);
    assert.ok(clockMs < DAY_MS + 5_000);
  });

  test('ends at once when it is asked to stop', async () => {
    const stopping = new AbortController();
    const ask = (): Promise<never> => {
      stopping.abort();
      return Promise.reject(new Error('14 UNAVAILABLE'));
    };
    const asked = retrying('hand over 1 file', ask, { logger, signal: stopping.signal });
    await assert.rejects(asked, { name: 'AbortError' });
  });
});
