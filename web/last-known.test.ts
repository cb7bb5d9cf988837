import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LastKnown } from './last-known.ts';

it('the key that was not used longest goes first', () => {
  const memory = new LastKnown<number>(2);
  memory.set('a', 1);
  memory.set('b', 2);
  assert.equal(memory.get('a'), 1);
  memory.set('c', 3);
  assert.equal(memory.get('b'), undefined);
  assert.equal(memory.get('a'), 1);
  assert.equal(memory.get('c'), 3);
});
