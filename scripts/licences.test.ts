import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isPermitted, packagesOf, refused } from './licences.ts';

const lock: unknown = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
);

describe('the licences of what CalmOps is made of', () => {
  test('are all known and permitted', () => {
    const packages = packagesOf(lock);
    assert.ok(packages.length > 300);
    assert.deepEqual(refused(packages), []);
  });

  test('are refused by the name of the package when they are not known or ask for more', () => {
    const packages = packagesOf({
      packages: {
        '': { license: 'MIT' },
        'node_modules/fine': { version: '1.0.0', license: 'MIT' },
        'node_modules/a/node_modules/strict': { version: '2.0.0', license: 'GPL-3.0-only' },
        'node_modules/silent': { version: '3.0.0' },
      },
    });
    assert.deepEqual(
      refused(packages).map(({ name, licence }) => [name, licence]),
      [
        ['silent', null],
        ['strict', 'GPL-3.0-only'],
      ],
    );
  });

  const expressions: readonly (readonly [string, boolean])[] = [
    ['MIT', true],
    ['Apache-2.0 AND MIT', true],
    ['MIT AND GPL-2.0', false],
    ['(AFL-2.1 OR BSD-3-Clause)', true],
    ['GPL-2.0 OR (MIT AND ISC)', true],
    ['GPL-2.0 OR AGPL-3.0', false],
    ['MIT MIT', false],
    ['(MIT', false],
    ['', false],
    ['UNLICENSED', false],
    ['SEE LICENSE IN licence.txt', false],
  ];
  for (const [expression, permitted] of expressions) {
    test(`'${expression}' is ${permitted ? '' : 'not '}permitted`, () => {
      assert.equal(isPermitted(expression), permitted);
    });
  }
});
