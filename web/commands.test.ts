import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMAND_NAMES, createCommands, type CommandName, type Commands } from './commands.ts';
import type { ArtefactStore } from '../store/artefact-store.ts';
import { reportUri } from '../workflows/contract.ts';
import type { FakeTemporal } from './fixtures/memory.ts';
import { reportOf } from './fixtures/reports.ts';
import { tell, weather } from './fixtures/runs.ts';
import { fixtureWorld } from './fixtures/world.ts';
import { createQueries } from './queries.ts';

async function fresh(): Promise<{
  readonly commands: Commands;
  readonly temporal: FakeTemporal;
  readonly store: ArtefactStore;
}> {
  const { temporal, store } = await fixtureWorld();
  const queries = createQueries({ temporal: temporal.reader, store });
  return { commands: createCommands(temporal.writer, queries), temporal, store };
}

const asked = { by: ' Ada ', why: 'a test', seen: '2026-11-24' };
const about: Partial<Record<CommandName, object>> = {
  promote: { modelId: 'm1' },
  dropShadow: { modelId: 'm1' },
  reprocess: { sha256: 'a'.repeat(64) },
};

describe('commands', () => {
  it('send each as the update of its name, with who and why', async () => {
    const { commands, temporal } = await fresh();
    for (const name of COMMAND_NAMES) {
      const result = await commands.run('weather', name, { ...asked, ...about[name] });
      assert.deepEqual(result, { kind: 'done' });
      const sent = temporal.updates.at(-1);
      assert.equal(sent?.name, name);
      assert.equal(sent.workflowId, 'pipeline/weather');
      assert.deepEqual(sent.arg, { by: 'Ada', why: 'a test', ...about[name] });
    }
  });

  it('run a file again of long ago, which the pipeline does not have at hand: its report says which it was', async () => {
    const { commands, temporal, store } = await fresh();
    const [run] = tell(weather);
    assert.ok(run !== undefined);
    const report = reportOf('weather', { ...run, sha256: 'e'.repeat(64) });
    await store.put(
      reportUri('weather', report.file.sha256, 0),
      new TextEncoder().encode(JSON.stringify(report)),
    );
    const { file } = report;
    await commands.run('weather', 'reprocess', { ...asked, sha256: file.sha256 });
    const request = { by: 'Ada', why: 'a test', sha256: file.sha256, file };
    assert.deepEqual(temporal.updates.at(-1)?.arg, request);
  });

  it('are one command when the same form is sent twice, and two when it was seen anew', async () => {
    const { commands, temporal } = await fresh();
    await commands.run('weather', 'retrain', asked);
    await commands.run('weather', 'retrain', asked);
    await commands.run('weather', 'retrain', { ...asked, seen: 'later' });
    const [first, second, third] = temporal.updates.map(({ updateId }) => updateId);
    assert.equal(first, second);
    assert.notEqual(first, third);
  });

  it('are not sent without who and why, and say what is missing', async () => {
    const { commands, temporal } = await fresh();
    for (const form of [{}, { by: ' ', why: '' }, null, { by: ['a'], why: { b: 1 } }]) {
      const result = await commands.run('weather', 'pause', form);
      assert.equal(result.kind, 'invalid');
    }
    assert.deepEqual(await commands.run('weather', 'pause', { by: '', why: 'x'.repeat(501) }), {
      kind: 'invalid',
      problems: [
        'Say who you are.',
        'Say why: it is kept with what it leads to. (at most 500 characters)',
      ],
    });
    assert.equal((await commands.run('weather', 'reprocess', asked)).kind, 'invalid');
    assert.equal((await commands.run('weather', 'promote', asked)).kind, 'invalid');
    assert.equal(temporal.updates.length, 0);
  });

  it('hand on why the pipeline refuses', async () => {
    const { commands, temporal } = await fresh();
    temporal.fault = { refuses: 'pause: the pipeline is paused already' };
    assert.deepEqual(await commands.run('electricity', 'pause', asked), {
      kind: 'refused',
      reason: 'pause: the pipeline is paused already',
    });
  });

  it('say when nobody takes them or no such pipeline runs', async () => {
    const { commands, temporal } = await fresh();
    assert.deepEqual(await commands.run('none', 'pause', asked), { kind: 'unknown pipeline' });
    temporal.fault = 'worker down';
    assert.equal((await commands.run('weather', 'pause', asked)).kind, 'unanswered');
  });
});
