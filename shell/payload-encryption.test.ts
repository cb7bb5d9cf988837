import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { CodecKey } from './codec-keys.ts';
import { dataConverterWith } from './data-converter.ts';
import { payloadEncryption } from './payload-encryption.ts';
import { MAX_PAYLOAD_BYTES } from './payload-limit.ts';

const first: CodecKey = { id: '2026-01', key: Buffer.alloc(32, 1) };
const second: CodecKey = { id: '2026-02', key: Buffer.alloc(32, 2) };
const said = { file: 'orders-of-ada.csv', target: 'returned' };

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined): unknown =>
  payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
const bytesOf = ({ data, metadata }: Payload): string =>
  [data, ...Object.values(metadata ?? {})].map((part) => Buffer.from(part ?? []).toString()).join();

describe('payloads that are encrypted', () => {
  const codec = payloadEncryption([first]);

  test('hold nothing that can be read, and are opened by whoever has the key', async () => {
    const [sealed] = await codec.encode([payloadOf(said)]);
    assert.ok(sealed !== undefined);
    assert.doesNotMatch(bytesOf(sealed), /ada|returned|json/);
    const [opened] = await codec.decode([sealed]);
    assert.deepEqual(valueOf(opened), said);
  });

  test('differ when the same is said twice', async () => {
    const [one, two] = await codec.encode([payloadOf(said), payloadOf(said)]);
    assert.ok(one !== undefined && two !== undefined);
    assert.notDeepEqual(one.data, two.data);
  });

  test('are still opened after a new key was put before theirs', async () => {
    const sealed = await codec.encode([payloadOf(said)]);
    const rotated = payloadEncryption([second, first]);
    assert.deepEqual(valueOf((await rotated.decode(sealed))[0]), said);
    const [fresh] = await rotated.encode([payloadOf(said)]);
    await assert.rejects(codec.decode([fresh ?? {}]), /the key '2026-02', but .* are 2026-01/);
  });

  test('name the key that is missing where no key is set', async () => {
    const sealed = await codec.encode([payloadOf(said)]);
    await assert.rejects(
      payloadEncryption([]).decode(sealed),
      /the key '2026-01', but no key is set/,
    );
  });

  test('are refused when one bit was turned, or another key has the name', async () => {
    const [sealed] = await codec.encode([payloadOf(said)]);
    assert.ok(sealed?.data instanceof Uint8Array);
    const data = Uint8Array.from(sealed.data, (byte, at) => (at === 20 ? byte ^ 1 : byte));
    await assert.rejects(codec.decode([{ ...sealed, data }]), /does not open it/);
    await assert.rejects(
      codec.decode([{ ...sealed, data: data.subarray(0, 10) }]),
      /does not open/,
    );
    const impostor = payloadEncryption([{ ...second, id: first.id }]);
    await assert.rejects(impostor.decode([sealed]), /another key has the same id/);
  });

  test('let older ones through that are in clear', async () => {
    const [payload] = await codec.decode([payloadOf(said)]);
    assert.deepEqual(valueOf(payload), said);
  });
});

describe('without a key', () => {
  test('payloads go out as they are', async () => {
    const payload = payloadOf(said);
    assert.deepEqual(await payloadEncryption([]).encode([payload]), [payload]);
    assert.equal(dataConverterWith([]).failureConverterPath, undefined);
  });
});

describe('the limit of a payload', () => {
  /** All codecs one after the other, as the SDK applies them. */
  const encode = async (payload: Payload, keys: readonly CodecKey[]): Promise<Payload[]> => {
    let payloads = [payload];
    for (const codec of dataConverterWith(keys).payloadCodecs ?? []) {
      payloads = await codec.encode(payloads);
    }
    return payloads;
  };
  const ofBytes = (bytes: number): Payload => payloadOf('x'.repeat(bytes - 2));

  test('counts what the server counts: the bytes that encryption adds too', async () => {
    await encode(ofBytes(MAX_PAYLOAD_BYTES), []);
    await assert.rejects(encode(ofBytes(MAX_PAYLOAD_BYTES), [first]), /was about to be sent/);
    await encode(ofBytes(MAX_PAYLOAD_BYTES - 200), [first]);
  });
});
