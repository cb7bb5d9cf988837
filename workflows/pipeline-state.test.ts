import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Comparison, GroupComparison } from '../core/models/metrics/evaluation.ts';
import { scenarioConfig, wholeConfig } from '../test/support/scenarios.ts';
import { stubFile } from '../test/support/stub-activities.ts';
import { MAX_PAYLOAD_BYTES } from '../shell/payload-limit.ts';
import {
  MAX_QUEUED,
  summaryHead,
  type AppointmentProposal,
  type ModelRef,
  type RunSummary,
  type ShadowFile,
} from './contract.ts';
import {
  appoint,
  carriedState,
  coolingNow,
  keepCandidate,
  openState,
  oldestPage,
  PAGE_SIZE,
  pageSealed,
  putInForce,
  rateOfNextFile,
  holdsTooManyRuns,
  isCarriable,
  recordAudit,
  recordResult,
  recordRun,
  RECENT_LIMIT,
  setShadow,
  trimToCarriable,
  type PipelineState,
} from './pipeline-state.ts';
import { cutTo, jsonBytes, MAX_CONFIG_BYTES } from './carried-size.ts';
import { fileOf, roomIn, takeIn, takeInAgain } from './queue.ts';

const NOW = '2026-01-01T00:00:00.000Z';

describe('the queue', () => {
  test('keeps the order of arrival and takes each content once', () => {
    const state = openState(scenarioConfig('q'));
    takeIn(state, [stubFile('b'), stubFile('a'), stubFile('b')]);
    takeIn(state, [stubFile('a'), stubFile('c')]);
    assert.deepEqual(names(state), ['b', 'a', 'c']);
  });

  test('does not take in what runs or has just run', () => {
    const state = openState(scenarioConfig('q'));
    state.running = { file: stubFile('a'), revision: 0, forced: null };
    recordRun(state, run('b', 'kept'), 0);
    takeIn(state, [stubFile('a'), stubFile('b'), stubFile('c')]);
    assert.deepEqual(names(state), ['c']);
  });

  test('leaves what does not fit', () => {
    const state = openState(scenarioConfig('q'));
    takeIn(
      state,
      Array.from({ length: MAX_QUEUED + 50 }, (_, i) => stubFile(`f${i}`)),
    );
    assert.equal(state.queue.length, MAX_QUEUED);
  });

  test('puts a repetition that a person asked for first, with a revision of its own', () => {
    const state = openState(scenarioConfig('q'));
    takeIn(state, [stubFile('b')]);
    takeInAgain(state, fileOf(run('a', 'kept')), { by: 'ada', why: 'look' });
    takeInAgain(state, fileOf(run('a', 'kept')), null);
    assert.deepEqual(
      state.queue.map(({ file, revision }) => [file.name, revision]),
      [
        ['a', 2],
        ['a', 1],
        ['b', 0],
      ],
    );
  });
});

describe('the champion pointer', () => {
  test('moves only for a run that was compared with the champion in force', () => {
    const state = openState(scenarioConfig('p'));
    const propose = (expected: string | null, id: string): ReturnType<typeof appoint> =>
      appoint(
        state,
        {
          runWorkflowId: 'r',
          kind: 'promote',
          expectedChampionId: expected,
          model: model(id),
          why: 'better',
        },
        NOW,
      );
    assert.deepEqual(propose(null, 'one'), { accepted: true });
    assert.deepEqual(propose('one', 'two'), { accepted: true });
    const late = propose('one', 'three');
    assert.match(JSON.stringify(late), /two is in force, the run compared with one/);
    assert.equal(state.champion?.model.id, 'two');
    assert.equal(state.previous?.model.id, 'one');
  });

  test('takes a promoted model out of the candidates', () => {
    const state = openState(scenarioConfig('p'));
    keepCandidate(state, model('one'));
    keepCandidate(state, model('two'));
    keepCandidate(state, model('one'));
    assert.deepEqual(
      state.candidates.map(({ id }) => id),
      ['one', 'two'],
    );
    appoint(
      state,
      {
        runWorkflowId: 'r',
        kind: 'train',
        expectedChampionId: null,
        model: model('one'),
        why: 'first',
      },
      NOW,
    );
    assert.deepEqual(
      state.candidates.map(({ id }) => id),
      ['two'],
    );
  });
});

describe('the breaker', () => {
  test('opens after three retrainings in a row that failed or were refused', () => {
    const state = openState(scenarioConfig('b'));
    recordRun(state, run('a', 'refused', 'retrain'), 0);
    recordRun(state, run('b', 'failed', 'retrain'), 0);
    assert.deepEqual(state.breaker, { kind: 'closed', failures: 2 });
    recordRun(state, run('c', 'refused', 'retrain'), 1000);
    assert.deepEqual(state.breaker, {
      kind: 'open',
      until: 1000 + 2 * 3_600_000,
      coolDownMs: 2 * 3_600_000,
      reason: 'because',
    });
  });

  test('forgets failures when a challenger is promoted, not when a file is kept or invalid', () => {
    const state = openState(scenarioConfig('b'));
    recordRun(state, run('a', 'refused', 'retrain'), 0);
    recordRun(state, run('b', 'kept', 'keep'), 0);
    recordRun(state, run('c', 'invalid'), 0);
    recordRun(state, run('d', 'failed'), 0);
    assert.deepEqual(state.breaker, { kind: 'closed', failures: 1 });
    recordRun(state, run('e', 'promoted', 'retrain'), 0);
    assert.deepEqual(state.breaker, { kind: 'closed', failures: 0 });
  });
});

describe('after a promotion', () => {
  const promoted = (coolDown: number | string): PipelineState => {
    const config = scenarioConfig('c', { retrain: { coolDown } });
    const state = openState(config);
    for (const id of ['one', 'two']) {
      putInForce(state, { model: model(id), since: NOW, by: 'ada', why: 'a test' });
      state.sequence += 1;
    }
    return state;
  };

  test('retraining rests for so many files', () => {
    const state = promoted(2);
    const cooling = [1, 2, 3].map((sequence) => {
      state.sequence = sequence;
      return coolingNow(state, 0);
    });
    assert.match(cooling[0] ?? '', /rests for 2 files after the champion was replaced/);
    assert.match(cooling[1] ?? '', /rests for 2 files/);
    assert.equal(cooling[2], null);
  });

  test('retraining rests for so long', () => {
    const state = promoted('2h');
    assert.match(coolingNow(state, Date.parse(NOW) + 1) ?? '', /until 2026-01-01T02:00:00.000Z/);
    assert.equal(coolingNow(state, Date.parse(NOW) + 2 * 3_600_000), null);
  });

  test('by default it does not, nor after the first model', () => {
    const state = openState(scenarioConfig('c'));
    putInForce(state, { model: model('one'), since: NOW, by: 'ada', why: 'a test' });
    assert.equal(coolingNow(state, 0), null);
    const first = openState(scenarioConfig('c', { retrain: { coolDown: 5 } }));
    putInForce(first, { model: model('one'), since: NOW, by: 'CalmOps', why: 'the first' });
    assert.equal(coolingNow(first, 0), null);
  });
});

describe('the false-alarm rate of the next file', () => {
  test('is what the configuration says of one file, unless it depends on the files before', () => {
    const state = openState(scenarioConfig('l'));
    assert.equal(rateOfNextFile(state), 0.05);
    recordResult(state, { run: run('a', 'kept'), candidate: null, filePValue: 0.4 }, 0);
    assert.equal(rateOfNextFile(state), 0.05);
  });

  test('over all files is spent file by file, not by repetitions nor by files that could not be tested', () => {
    const config = scenarioConfig('l');
    const state = openState({ ...config, detection: { ...config.detection, over: 'spending' } });
    const result = { run: run('a', 'kept'), candidate: null, filePValue: 0.4 };
    const first = rateOfNextFile(state);
    recordResult(state, { ...result, run: { ...result.run, revision: 1 } }, 0);
    recordResult(state, { ...result, filePValue: null }, 0);
    assert.equal(rateOfNextFile(state), first);
    recordResult(state, result, 0);
    assert.ok(rateOfNextFile(state) < first);
    assert.deepEqual(openState(state.config, carriedState(state)).online, state.online);
  });
});

describe('what a pipeline carries on', () => {
  test('seals the oldest runs a page at a time', () => {
    const state = openState(scenarioConfig('s'));
    for (let i = 1; i < RECENT_LIMIT; i++) recordRun(state, run(`f${i}`, 'kept'), 0);
    assert.equal(holdsTooManyRuns(state), false);
    recordRun(state, run('last', 'kept'), 0);
    assert.equal(holdsTooManyRuns(state), true);
    assert.deepEqual(
      oldestPage(state).map((each) => each.fileName),
      Array.from({ length: PAGE_SIZE }, (_, i) => `f${i + 1}`),
    );
    pageSealed(state, 0);
    assert.equal(state.recent.length, RECENT_LIMIT - PAGE_SIZE);
    assert.equal(state.sealedPages, 1);
  });

  test('fits into one payload when every list is full and every text long', () => {
    const state = openState(scenarioConfig('s'));
    const long = (name: string): ReturnType<typeof stubFile> => ({
      ...stubFile(name),
      name: name.padEnd(60, '-'),
      path: `/srv/data/incoming/${'folder/'.repeat(12)}${name.padEnd(60, '-')}`,
    });
    takeIn(
      state,
      Array.from({ length: MAX_QUEUED }, (_, i) => long(`file-${i}`)),
    );
    for (let i = 0; i < RECENT_LIMIT; i++) {
      const summary = run(`run-${i}`, 'promoted');
      recordRun(state, { ...summary, path: long('x').path, reason: 'r'.repeat(400) }, 0);
      recordAudit(state, { action: 'pause', at: NOW, by: 'ada', why: 'w'.repeat(100), detail: '' });
      keepCandidate(state, { ...model(`model-${i}`), refusedBecause: 'r'.repeat(300) });
    }
    const seen = Array.from({ length: 10 }, (_, i) => shadowFile(long(`file-${i}`).name));
    state.champion = { model: model('one'), since: NOW, by: 'CalmOps', why: 'w'.repeat(900) };
    const comparison = comparisonOfGroups(20);
    const why = 'w'.repeat(900);
    state.shadow = {
      ...{ model: model('two'), championId: 'one', since: NOW, why },
      ...{ files: 10, seen, comparison },
    };
    const bytes = JSON.stringify({ config: state.config, carried: carriedState(state) }).length;
    assert.ok(bytes < MAX_PAYLOAD_BYTES, `${bytes} bytes`);
  });

  test('fits also with the longest paths that there are, once old runs are sealed', () => {
    const state = openState(scenarioConfig('s'));
    const deep = (name: string): ReturnType<typeof stubFile> => ({
      ...stubFile(name),
      path: `/${'ö/'.repeat(1300)}${name}`,
    });
    takeIn(
      state,
      Array.from({ length: MAX_QUEUED }, (_, i) => deep(`file-${i}`)),
    );
    assert.ok(state.queue.length >= 10 && state.queue.length < 30, 'few are taken in');
    assert.equal(roomIn(state), 0, 'and the watcher is told so');
    for (let i = 0; i < RECENT_LIMIT; i++) {
      const { path } = deep('x');
      recordRun(state, { ...run(`run-${i}`, 'kept'), path, reason: 'r'.repeat(9000) }, 0);
      recordAudit(state, { action: 'pause', at: NOW, by: 'ada', why: 'w'.repeat(600), detail: '' });
      keepCandidate(state, { ...model(`model-${i}`), refusedBecause: 'r'.repeat(300) });
    }
    assert.equal(isCarriable(state), false);
    while (!isCarriable(state) && state.recent.length > 0) pageSealed(state, state.sealedPages);
    const bytes = Buffer.byteLength(
      JSON.stringify({ config: state.config, carried: carriedState(state) }),
    );
    assert.ok(bytes < MAX_PAYLOAD_BYTES, `${bytes} bytes`);
  });

  test('gives up the oldest audit, then candidates, where no run is left to seal', () => {
    const state = openState(scenarioConfig('wide'));
    takeIn(
      state,
      Array.from({ length: MAX_QUEUED }, (_, i) => ({
        ...stubFile(`file-${i}`),
        path: '語'.repeat(80),
      })),
    );
    const wide = '語'.repeat(500);
    for (let i = 0; i < 50; i++) {
      const by = '語'.repeat(100);
      recordAudit(state, { action: 'pause', at: NOW, by, why: wide, detail: wide });
      keepCandidate(state, {
        ...model(`model-${i}`),
        trainedOn: '語'.repeat(1_000),
        refusedBecause: wide,
      });
    }
    assert.equal(isCarriable(state), false);
    trimToCarriable(state);
    assert.equal(isCarriable(state), true);
    assert.ok(state.audit.length < 50, `${state.audit.length} entries of the audit`);
    assert.equal(state.candidates.length, 20, 'candidates are given up after the audit only');
    const carried = Buffer.byteLength(JSON.stringify(carriedState(state)));
    assert.ok(carried < MAX_PAYLOAD_BYTES, `${carried} bytes`);
  });

  test('is smaller beside a long configuration that older code sent whole, so that both can be carried', () => {
    const ignore = Array.from({ length: 9_000 }, (_, i) => `column-${i}-${'x'.repeat(8)}`);
    const state = openState({ ...wholeConfig('wide'), ignore });
    assert.ok(jsonBytes(state.config) > 180 * 1024 && jsonBytes(state.config) < MAX_CONFIG_BYTES);
    takeIn(
      state,
      Array.from({ length: MAX_QUEUED }, (_, i) => stubFile(`file-${i}`)),
    );
    for (let i = 0; i < RECENT_LIMIT; i++) recordRun(state, run(`run-${i}`, 'kept'), 0);
    while (!isCarriable(state) && state.recent.length > 0) pageSealed(state, state.sealedPages);
    trimToCarriable(state);
    const bytes = Buffer.byteLength(
      JSON.stringify({ config: state.config, carried: carriedState(state) }),
    );
    assert.ok(bytes < MAX_PAYLOAD_BYTES, `${bytes} bytes`);
    assert.ok(state.queue.length > 100, `${state.queue.length} files wait on`);
  });

  test('a text is cut between characters, at a length in bytes', () => {
    assert.equal(cutTo(10, 'short'), 'short');
    assert.equal(cutTo(10, '語語語語'), '語語…');
    assert.equal(cutTo(9, '語語語'), '語語語');
    assert.equal(cutTo(8, '😀😀😀'), '😀…');
  });

  test('that newer code wrote is refused with words', () => {
    const carried = { ...carriedState(openState(scenarioConfig('newer'))), version: 99 };
    assert.throws(
      () => openState(scenarioConfig('newer'), carried),
      /version 99, written by a newer CalmOps; this one knows versions up to 2/,
    );
  });

  test('is measured in bytes as they are sent', () => {
    for (const value of ['plain', 'ö', '語', '😀 "quoted"\n', { a: [1, null, 'é'] }]) {
      assert.equal(jsonBytes(value), Buffer.byteLength(JSON.stringify(value)));
    }
  });
});

describe('a challenger in shadow that was taken out by hand', () => {
  const before = { model: model('two'), championId: 'one', since: NOW, why: 'better', files: 3 };
  const withShadow = (): PipelineState => {
    const state = openState(scenarioConfig('s'));
    putInForce(state, { model: model('one'), since: NOW, by: 'ada', why: 'first' });
    setShadow(state, { ...before, seen: [], comparison: null }, '');
    setShadow(state, null, 'by hand');
    return state;
  };

  test('is not brought back by the run that was under way', () => {
    const state = withShadow();
    const shadow = { ...before, seen: [shadowFile('a')], comparison: null };
    recordResult(state, { run: run('a', 'kept'), candidate: null, shadow }, 0);
    assert.equal(state.shadow, null);
  });

  test('does not come into force by the run that was under way', () => {
    const state = withShadow();
    const proposal: AppointmentProposal = {
      ...{ runWorkflowId: 'r', kind: 'promote', expectedChampionId: 'one' },
      ...{ model: model('two'), why: 'better', fromShadow: true },
    };
    const answer = appoint(state, proposal, NOW);
    assert.match(answer.accepted ? '' : answer.reason, /ended by hand/);
    assert.equal(state.champion?.model.id, 'one');
  });
});

describe('a challenger that was to run in shadow', () => {
  test('is kept as a candidate if the champion was replaced while it was trained', () => {
    const state = openState(scenarioConfig('s'));
    putInForce(state, { model: model('one'), since: NOW, by: 'ada', why: 'first' });
    putInForce(state, { model: model('other'), since: NOW, by: 'ada', why: 'by hand' });
    const shadow = {
      ...{ model: model('two'), championId: 'one', since: NOW, why: 'better', files: 3 },
      ...{ seen: [], comparison: null },
    };
    recordResult(state, { run: run('a', 'shadowed', 'retrain'), candidate: null, shadow }, 0);
    assert.equal(state.shadow, null);
    const [kept] = state.candidates;
    assert.equal(kept?.id, 'two');
    assert.match(kept.refusedBecause ?? '', /champion that it was compared with was replaced/);
    assert.equal(state.breaker.kind === 'closed' && state.breaker.failures, 0);
  });

  test('is not made a candidate when a person put it in force meanwhile', () => {
    const state = openState(scenarioConfig('s'));
    putInForce(state, { model: model('two'), since: NOW, by: 'ada', why: 'by hand' });
    const shadow = {
      ...{ model: model('two'), championId: 'one', since: NOW, why: 'better', files: 3 },
      ...{ seen: [], comparison: null },
    };
    recordResult(state, { run: run('a', 'kept'), candidate: null, shadow }, 0);
    assert.deepEqual(state.candidates, []);
  });
});

function shadowFile(fileName: string): ShadowFile {
  const { sha256 } = stubFile(fileName);
  const ref = { uri: `datasets/${sha256}.0123456789abcdef.parquet`, sha256, bytes: 1_000_000 };
  return { ref, sha256, fileName };
}

function comparisonOfGroups(count: number): Comparison {
  const estimate = { name: 'accuracy', value: 1 / 3, low: 1 / 3, high: 1 / 3 } as const;
  const gain = { value: 1 / 3, low: 1 / 3, high: 1 / 3 };
  const groups = Array.from({ length: count }, (_, i): GroupComparison => ({
    ...{ kind: 'class', name: `class-${i}`.padEnd(60, '-'), rows: 1000, measure: 'f1', gain },
    ...{ champion: 1 / 3, challenger: 1 / 3, tolerance: 0.05, pValue: 1 / 3, verdict: 'unclear' },
  }));
  return {
    ...{ rows: 1000, metric: 'accuracy', champion: estimate, challenger: estimate, gain },
    ...{ margin: 0, groups, verdict: 'undecided', reason: 'r'.repeat(400) },
  };
}

const names = (state: PipelineState): readonly string[] => state.queue.map(({ file }) => file.name);

function run(
  name: string,
  outcome: RunSummary['outcome'],
  action: RunSummary['action'] = null,
): RunSummary {
  const artefact = { uri: `reports/p/${name}.json`, sha256: '0'.repeat(64), bytes: 1000 };
  return {
    ...summaryHead('p', stubFile(name), 0, 1),
    finishedAt: NOW,
    outcome,
    action,
    reason: 'because',
    rows: 100,
    driftScore: 0.5,
    metric: { name: 'accuracy', value: 0.9, low: 0.85, high: 0.95 },
    championId: 'one',
    report: artefact,
  };
}

function model(id: string): ModelRef {
  const artefact = { uri: `models/${id}/model.bin`, sha256: '0'.repeat(64), bytes: 1000 };
  return {
    id,
    artefact,
    card: artefact,
    reference: artefact,
    estimator: 'forest',
    task: 'classification',
    trainedOn: 'a.csv',
    score: { name: 'accuracy', value: 0.9, low: 0.85, high: 0.95 },
  };
}
