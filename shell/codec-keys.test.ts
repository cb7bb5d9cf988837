import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CodecKeysError, parseCodecKeys, readCodecKeys } from './codec-keys.ts';
import { SecretError } from './secrets.ts';

const oldKey = Buffer.alloc(32, 1).toString('base64');
const newKey = Buffer.alloc(32, 2).toString('base64');

describe('the keys that encrypt what workflows carry', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-keys-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const fileWith = async (content: string): Promise<string> => {
    const file = path.join(folder, `${String(content.length)}.key`);
    await writeFile(file, content);
    return file;
  };

  test('are none when nothing is set, and nothing is encrypted then', () => {
    assert.deepEqual(readCodecKeys({}), []);
    assert.deepEqual(readCodecKeys({ CALMOPS_CODEC_KEY: '', CALMOPS_CODEC_KEY_FILE: '' }), []);
  });

  test('come from a file, the newest first, with remarks', async () => {
    const file = await fileWith(`# rotated in February\n2026-02 ${newKey}\n\n2026-01 ${oldKey}\n`);
    const keys = readCodecKeys({ CALMOPS_CODEC_KEY_FILE: file });
    assert.deepEqual(
      keys.map(({ id, key }) => [id, key[0], key.byteLength]),
      [
        ['2026-02', 2, 32],
        ['2026-01', 1, 32],
      ],
    );
  });

  test('come from the variable itself', () => {
    const keys = readCodecKeys({ CALMOPS_CODEC_KEY: `a ${oldKey}` });
    assert.deepEqual(
      keys.map(({ id }) => id),
      ['a'],
    );
  });

  test('are not taken from two places at once', () => {
    const env = { CALMOPS_CODEC_KEY: `a ${oldKey}`, CALMOPS_CODEC_KEY_FILE: '/keys' };
    assert.throws(() => readCodecKeys(env), SecretError);
  });

  test('are asked for by the name of the file when it is absent or empty: nothing goes out in clear by mistake', async () => {
    const absent = path.join(folder, 'absent');
    assert.throws(() => readCodecKeys({ CALMOPS_CODEC_KEY_FILE: absent }), {
      name: 'SecretError',
      message: /CALMOPS_CODEC_KEY_FILE cannot be read: ENOENT.*absent/,
    });
    const empty = await fileWith(' \n');
    assert.throws(() => readCodecKeys({ CALMOPS_CODEC_KEY_FILE: empty }), {
      name: 'SecretError',
      message: /is empty/,
    });
  });

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['a key that is too short', 'a c2hvcnQ=', /line 1: the key must be 32 bytes/],
    ['a key that is not base64', `a ${'!'.repeat(44)}`, /line 1: the key must be 32 bytes/],
    ['a key without an id', oldKey, /line 1: the id/],
    ['a third word', `a ${oldKey} b`, /line 1: there must be two words/],
    ['an id that is given twice', `a ${oldKey}\na ${newKey}`, /line 2: the id 'a' is given twice/],
    ['remarks alone', '# nothing', /holds no key/],
  ];
  for (const [what, text, message] of wrong) {
    test(`are refused for ${what}, without a word of the key`, () => {
      assert.throws(
        () => parseCodecKeys(text),
        (error) => {
          assert.ok(error instanceof CodecKeysError);
          assert.match(error.message, message);
          for (const key of [oldKey, newKey, 'c2hvcnQ=']) assert.ok(!error.message.includes(key));
          return true;
        },
      );
    });
  }
});
