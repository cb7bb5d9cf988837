import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  encodeToPayloads,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import { dataConverterWith } from '../shell/data-converter.ts';
import { activityProgress } from './activity-progress.ts';
import type { ActivityProgress } from './temporal.ts';

const { PendingActivityInfo } = proto.temporal.api.workflow.v1;
const key = (filling: number) => [{ id: `key-${String(filling)}`, key: Buffer.alloc(32, filling) }];

describe('the progress of an activity', () => {
  const read = async (written: number | null, read: number | null): Promise<ActivityProgress> => {
    const writer = loadDataConverter(dataConverterWith(written === null ? [] : key(written)));
    const payloads = await encodeToPayloads(writer, { done: 0.25, note: 'tree 25 of 100' });
    const pending = PendingActivityInfo.create({
      activityType: { name: 'train' },
      state: proto.temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
      attempt: 2,
      heartbeatDetails: { payloads: payloads ?? [] },
    });
    const reader = loadDataConverter(dataConverterWith(read === null ? [] : key(read)));
    return activityProgress(pending, reader);
  };

  it('is read from its heartbeat, in clear or encrypted', async () => {
    for (const each of [null, 1]) {
      const { type, state, attempt, done, note } = await read(each, each);
      assert.deepEqual(
        { type, state, attempt, done, note },
        { type: 'train', state: 'running', attempt: 2, done: 0.25, note: 'tree 25 of 100' },
      );
    }
  });

  it('takes no page down that does not have its key', async () => {
    const { type, done, note } = await read(1, 2);
    assert.equal(type, 'train');
    assert.equal(done, null);
    assert.match(note ?? '', /cannot be read with the keys of this dashboard/);
  });
});
