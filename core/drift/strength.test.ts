import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byStrength, strengthOfEffect, strongestChange } from './strength.ts';

interface Named {
  readonly name: string;
  readonly value: number;
  readonly is: 'material' | 'significant' | 'neither';
  readonly threshold?: number;
}

const change = ({ name, value, is, threshold = 0.1 }: Named) => ({
  name,
  material: is === 'material',
  significant: is !== 'neither',
  effect: { value, threshold },
});

test('what matters comes before what is sure, and that before a larger effect', () => {
  const changes = [
    change({ name: 'large by chance', value: 0.9, is: 'neither' }),
    change({ name: 'sure', value: 0.05, is: 'significant' }),
    change({ name: 'matters little', value: 0.1, is: 'material' }),
    change({ name: 'matters most', value: 0.3, is: 'material', threshold: 0.2 }),
  ];
  assert.deepEqual(
    changes.toSorted(byStrength).map(({ name }) => name),
    ['matters most', 'matters little', 'sure', 'large by chance'],
  );
  assert.equal(strongestChange(changes)?.name, 'matters most');
});

test('no change is the strongest of none', () => {
  assert.equal(strongestChange([]), null);
});

test('any effect reaches a threshold of 0, and a tiny threshold leaves a number', () => {
  assert.equal(strengthOfEffect({ value: 0.2, threshold: 0 }), 1.2);
  assert.equal(strengthOfEffect({ value: 1, threshold: Number.MIN_VALUE }), Number.MAX_VALUE);
});
