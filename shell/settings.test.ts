import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { loadSettings, SettingsError } from './settings.ts';

test('with no variables set, everything is below the folder CalmOps runs in, on loopback', () => {
  const settings = loadSettings({});
  assert.equal(settings.home, path.resolve('.calmops'));
  assert.equal(settings.storeFolder, path.resolve('.calmops/store'));
  assert.equal(settings.pipelinesFolder, path.resolve('pipelines'));
  assert.equal(settings.logsFolder, path.resolve('logs'));
  assert.equal(settings.host, '127.0.0.1');
  assert.equal(settings.port, 8501);
  assert.equal(settings.temporalPort, 7233);
  assert.equal(settings.temporalUi, 'http://127.0.0.1:8233');
  assert.equal(settings.logLevel, 'info');
  assert.equal(settings.polling, false);
  assert.ok(settings.computeThreads >= 1);
  assert.ok(settings.fitMemoryMb >= 16);
  assert.ok(settings.readMemoryMb >= 1024 && settings.readMemoryMb <= 4096);
});

test('variables change the settings', () => {
  const settings = loadSettings({
    CALMOPS_HOME: '/data',
    CALMOPS_PORT: '9000',
    CALMOPS_THREADS: '3',
    CALMOPS_FIT_MEMORY: '2048',
    CALMOPS_READ_MEMORY: '512',
    CALMOPS_TEMPORAL_UI: 'https://temporal.example/ui/',
    CALMOPS_ALLOWED_HOSTS: 'Calm.example, other.example',
    CALMOPS_POLLING: 'true',
  });
  assert.equal(settings.storeFolder, '/data/store');
  assert.equal(settings.port, 9000);
  assert.equal(settings.computeThreads, 3);
  assert.equal(settings.fitMemoryMb, 2048);
  assert.equal(settings.readMemoryMb, 512);
  assert.equal(settings.temporalUi, 'https://temporal.example/ui');
  assert.deepEqual(settings.allowedHosts, ['calm.example', 'other.example']);
  assert.equal(settings.polling, true);
});

test('links lead to the UI port of the embedded server', () => {
  const { temporalUi } = loadSettings({ CALMOPS_TEMPORAL_UI_PORT: '9233' });
  assert.equal(temporalUi, 'http://127.0.0.1:9233');
});

test('metrics, health file and worker versioning are off unless asked for', () => {
  const { metricsAddress, healthFile, release } = loadSettings({});
  assert.deepEqual(
    { metricsAddress, healthFile, release },
    { metricsAddress: null, healthFile: null, release: null },
  );
  const asked = loadSettings({
    CALMOPS_METRICS_ADDRESS: '127.0.0.1:9464',
    CALMOPS_HEALTH_FILE: '/run/health.json',
    TEMPORAL_DEPLOYMENT_NAME: 'calmops',
    TEMPORAL_WORKER_BUILD_ID: 'a0dd8c2',
  });
  assert.equal(asked.metricsAddress, '127.0.0.1:9464');
  assert.equal(asked.healthFile, '/run/health.json');
  assert.deepEqual(asked.release, { deploymentName: 'calmops', buildId: 'a0dd8c2' });
  assert.equal(
    loadSettings({ CALMOPS_METRICS_ADDRESS: '[::1]:9464' }).metricsAddress,
    '[::1]:9464',
  );
});

test('a release is named by both of its variables or by none', () => {
  for (const [name, missing] of [
    ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID'],
    ['TEMPORAL_WORKER_BUILD_ID', 'TEMPORAL_DEPLOYMENT_NAME'],
  ] as const) {
    assert.throws(() => loadSettings({ [name]: 'calmops' }), {
      name: 'SettingsError',
      message: new RegExp(`${name} is set, but ${missing} is not`),
    });
  }
});

test('an empty variable counts as absent', () => {
  assert.equal(loadSettings({ CALMOPS_PORT: '' }).port, 8501);
});

test('one error names every wrong variable, its value and what would be right', () => {
  const wrong = {
    CALMOPS_PORT: '70000',
    CALMOPS_THREADS: 'many',
    CALMOPS_FIT_MEMORY: '2 GB',
    CALMOPS_LOG_LEVEL: 'loud',
    CALMOPS_POLLING: 'perhaps',
    CALMOPS_METRICS_ADDRESS: 'localhost:9464',
    TEMPORAL_WORKER_BUILD_ID: 'two words',
  };
  assert.throws(
    () => loadSettings(wrong),
    (error) => {
      assert.ok(error instanceof SettingsError);
      for (const [name, value] of Object.entries(wrong)) {
        assert.match(error.message, new RegExp(`${name} is '${value}', but must be .+`));
      }
      return true;
    },
  );
});
