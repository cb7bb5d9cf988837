import type { Payload, PayloadCodec } from '@temporalio/common';
import { ApplicationFailure } from '@temporalio/common';

/** Data, models and reports travel as references; a payload beyond this is a mistake in our code. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;

/** Refuses to send a payload above the limit, before the server has to. Leaves payloads as they are. */
export const payloadLimit: PayloadCodec = {
  encode: (payloads) => Promise.resolve(payloads.map(checked)),
  decode: (payloads) => Promise.resolve(payloads),
};

function checked(payload: Payload): Payload {
  const bytes = payload.data?.byteLength ?? 0;
  if (bytes <= MAX_PAYLOAD_BYTES) return payload;
  throw ApplicationFailure.nonRetryable(
    `A payload of ${bytes} bytes was about to be sent; the limit is ${MAX_PAYLOAD_BYTES}. Large things travel as references into the store.`,
    'PayloadTooLarge',
  );
}
