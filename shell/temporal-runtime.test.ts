import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { freePorts } from '../test/support/ports.ts';
import { installTemporalRuntime } from './temporal-runtime.ts';

test('Prometheus may read metrics where it was asked for', async (t) => {
  const [port = 0] = await freePorts(1);
  installTemporalRuntime(pino({ level: 'silent' }), `127.0.0.1:${String(port)}`);
  const runtime = Runtime.instance();
  t.after(() => runtime.shutdown());
  runtime.metricMeter.createCounter('test_files').add(3);
  const response = await fetch(`http://127.0.0.1:${String(port)}/metrics`);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /^test_files\S* 3$/m);
});
