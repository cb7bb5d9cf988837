import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { createApp, startWeb } from './app.ts';
import { createCommands } from './commands.ts';
import { reportUri } from '../workflows/contract.ts';
import { InfrastructureError } from '../core/infrastructure-error.ts';
import { sha256Of } from './fixtures/models.ts';
import { driftUri } from './fixtures/reports.ts';
import { fixtureWorld, RUNNING_SHA256, type FixtureWorld } from './fixtures/world.ts';
import { createQueries } from './queries.ts';
import type { RunningWeb } from './start-web.ts';
import { UnansweredError } from './temporal.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let world: FixtureWorld;
let web: RunningWeb;
const logged: string[] = [];

before(async () => {
  world = await fixtureWorld();
  const queries = createQueries({ temporal: world.temporal.reader, store: world.store });
  const app = createApp({
    queries,
    commands: createCommands(world.temporal.writer, queries),
    temporalUi: { base: 'http://127.0.0.1:8233', namespace: 'default' },
    allowedHosts: ['calmops.example'],
    log: { error: (_details, message) => void logged.push(message) },
  });
  web = await startWeb({ app, host: '127.0.0.1', port: 0 });
});

after(() => web.close());

/** fetch would not let a test choose its Host and Origin. */
function ask(
  path: string,
  options: { readonly headers?: Record<string, string>; readonly form?: string } = {},
): Promise<Answer> {
  const { headers = {}, form } = options;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      new URL(path, web.url),
      {
        method: form === undefined ? 'GET' : 'POST',
        agent: false,
        headers: {
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      },
    );
    sent.on('error', reject);
    sent.end(form);
  });
}

const RUN = `/pipelines/electricity/runs/${sha256Of('electricity/nsw-2000-07.csv')}`;
const ours = { 'sec-fetch-site': 'same-origin' };
const FORM = 'by=Ada&why=a+test&seen=';

describe('pages', () => {
  it('answer at each address with HTML', async () => {
    const found: readonly (readonly [string, RegExp])[] = [
      ['/', /<h1>Pipelines<\/h1>/],
      ['/pipelines/electricity', /paused[^]*Maria Okafor/],
      ['/pipelines/electricity?page=3', /Page 4 of 4/],
      ['/pipelines/churn', /No file has been processed yet/],
      ['/pipelines/electricity/models', /Candidates/],
      [RUN, /challenger promoted/],
      [
        `/pipelines/electricity/runs/${sha256Of('electricity/nsw-1998-08.csv')}`,
        /line 88 has 7 values/,
      ],
      [`/pipelines/weather/runs/${RUNNING_SHA256}`, /<progress max="1" value="0.42">/],
    ];
    for (const [path, words] of found) {
      const { status, headers, body } = await ask(path);
      assert.equal(status, 200, path);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.match(body, words, path);
      assert.doesNotMatch(body, /undefined|\[object|NaN/, path);
      assert.doesNotMatch(
        body,
        / style=| on[a-z]+=|<style/,
        `${path}: nothing that the policy refuses`,
      );
    }
  });

  it('link to the workflow in the Temporal UI, encoded', async () => {
    const { body } = await ask(RUN);
    assert.match(
      body,
      /href="http:\/\/127\.0\.0\.1:8233\/namespaces\/default\/workflows\/dataset%2Felectricity%2F[0-9a-f]{64}"/,
    );
  });

  it('sort columns without JavaScript', async () => {
    const order = async (sort: string): Promise<string[]> => {
      const { body } = await ask(`${RUN}?sort=${sort}`);
      return [...body.matchAll(/<th scope="row"><code>([^<]+)<\/code>/g)].map(
        ([, name]) => name ?? '',
      );
    };
    assert.deepEqual((await order('strongest')).slice(0, 3), [
      'nswprice',
      'meter_source',
      'nswdemand',
    ]);
    assert.deepEqual((await order('table')).slice(0, 2), ['timestamp', 'meter_id']);
    assert.deepEqual((await order('name')).slice(0, 2), ['day', 'meter_id']);
    assert.equal((await order('missing'))[0], 'tariff');
    assert.deepEqual(await order('nonsense'), await order('strongest'));
  });

  it('say what was looked for when there is nothing', async () => {
    const missing: readonly (readonly [string, RegExp])[] = [
      ['/nothing', /nothing at GET \/nothing/],
      ['/pipelines/none', /No pipeline called &#39;none&#39; runs/],
      ['/pipelines/Not%20A%20Name%3Cscript%3E', /lower-case letters/],
      ['/pipelines/..%2f..%2fetc', /lower-case letters/],
      ['/pipelines/weather/runs/abc', /64 hex digits/],
      [`/pipelines/weather/runs/${'0'.repeat(64)}`, /knows no run of the file/],
      [`/pipelines/weather/runs/${'0'.repeat(64)}/-1`, /64 hex digits/],
      [`/charts${RUN}/0/columns/999.svg`, /no histogram/],
      ['/static/../app.ts', /nothing at GET/],
    ];
    for (const [path, words] of missing) {
      const { status, body } = await ask(path);
      assert.equal(status, 404, path);
      assert.match(body, words, path);
    }
  });

  it('do not break on a badly encoded address', async () => {
    assert.equal((await ask('/pipelines/%E0%A4%A')).status, 400);
  });

  it('stay up, marked stale, while no worker answers', async () => {
    await ask('/');
    world.temporal.fault = 'worker down';
    try {
      for (const path of ['/', '/pipelines/electricity', '/pipelines/weather/models']) {
        const { status, body } = await ask(path);
        assert.equal(status, 200);
        assert.match(body, path === '/' ? /No worker runs/ : /No worker answers/, path);
      }
      assert.equal((await ask(RUN)).status, 200);
    } finally {
      world.temporal.fault = 'none';
    }
  });
});

describe('parts', () => {
  it('are answered with 304 while nothing changes', async () => {
    for (const path of [
      '/pipelines',
      '/pipelines/electricity/status',
      '/pipelines/electricity/runs',
      RUN,
    ]) {
      const first = await ask(`/parts${path}`);
      assert.equal(first.status, 200, path);
      assert.doesNotMatch(first.body, /<html/);
      const tag = first.headers.etag ?? '';
      const second = await ask(`/parts${path}`, { headers: { 'if-none-match': tag } });
      assert.equal(second.status, 304, path);
      assert.equal(second.body, '');
    }
  });

  it('ask again while a run is under way, and no more once it has its outcome', async () => {
    assert.match((await ask(`/parts/pipelines/weather/runs/${RUNNING_SHA256}`)).body, /hx-get=/);
    assert.doesNotMatch((await ask(`/parts${RUN}`)).body, /hx-get=/);
  });
});

describe('charts', () => {
  it('are SVG files that keep to themselves', async () => {
    const { status, headers, body } = await ask(`/charts${RUN}/0/columns/5.svg`);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'image/svg+xml; charset=utf-8');
    assert.match(String(headers['content-security-policy']), /sandbox/);
    assert.match(body, /^<svg [^]*prefers-color-scheme:dark[^]*<\/svg>$/);
  });
});

describe('downloads', () => {
  it('hand out reports and cards as JSON, as the store holds them', async () => {
    const champion = world.temporal.pipelines.get('pipeline/electricity')?.models.champion;
    assert.ok(champion !== null && champion !== undefined);
    const { id, card } = champion.model;
    const uri = reportUri('electricity', sha256Of('electricity/nsw-2000-07.csv'), 0);
    const found: readonly (readonly [string, string])[] = [
      [`${RUN}/0/report.json`, uri],
      [`${RUN}/0/drift.json`, driftUri(true)],
      [`/pipelines/electricity/models/${id}/card.json`, card.uri],
    ];
    for (const [path, stored] of found) {
      const { status, headers, body } = await ask(path);
      assert.equal(status, 200, path);
      assert.match(String(headers['content-type']), /^application\/json/);
      assert.match(
        String(headers['content-disposition']),
        /^attachment; filename=electricity-[0-9a-f]+-(report|drift|card)\.json$/,
      );
      const bytes = Buffer.from(await world.store.get(stored)).toString();
      assert.equal(body, bytes, path);
    }
  });

  it('are linked from the pages that show the same', async () => {
    assert.ok((await ask(RUN)).body.includes(`${RUN}/0/report.json`));
    assert.match(
      (await ask('/pipelines/electricity/models')).body,
      /models\/[0-9a-f]+\/card\.json/,
    );
  });

  it('know no model of another pipeline, and nothing outside of the store', async () => {
    const id = world.temporal.pipelines.get('pipeline/electricity')?.models.champion?.model.id;
    for (const path of [
      `/pipelines/weather/models/${String(id)}/card.json`,
      '/pipelines/electricity/models/..%2F..%2Fetc/card.json',
      '/pipelines/electricity/models/absent/card.json',
      `/pipelines/electricity/runs/${'0'.repeat(64)}/0/report.json`,
      `/pipelines/electricity/runs/${'0'.repeat(64)}/0/drift.json`,
    ]) {
      assert.equal((await ask(path)).status, 404, path);
    }
  });
});

describe('the page of models', () => {
  it('shows the challenger in shadow beside the champion on the same files', async () => {
    const text = plain((await ask('/pipelines/electricity/models')).body);
    assert.match(text, /Files scored 2 of 5 files with labels; the gate decides after the last/);
    assert.match(text, /accuracy on 2,874 rows that neither was trained on/);
    assert.match(text, /champion 0\.844 0\.831 to 0\.857/);
    assert.match(text, /challenger 0\.861 0\.849 to 0\.873/);
    assert.match(text, /gain of the challenger 0\.017 0\.006 to 0\.028/);
  });

  it('leads from a candidate to what the gate measured', async () => {
    const { body } = await ask('/pipelines/electricity/models');
    assert.match(plain(body), /Gate accuracy [\d.]+ \([^)]+\) against [\d.]+/);
    assert.ok(
      body.includes(
        `/pipelines/electricity/runs/${sha256Of('electricity/nsw-1999-11.csv')}">the run that compared it`,
      ),
    );
  });
});

function plain(markup: string): string {
  return markup.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
}

describe('commands', () => {
  it('are carried out and lead back to the page that shows it', async () => {
    const { status, headers } = await ask('/pipelines/electricity/commands/resume', {
      form: FORM,
      headers: ours,
    });
    assert.equal(status, 303);
    assert.equal(headers.location, '/pipelines/electricity?done=resume');
    assert.deepEqual(world.temporal.updates.at(-1)?.arg, { by: 'Ada', why: 'a test' });
    assert.match((await ask(headers.location)).body, /The pipeline goes on/);
  });

  it('come back filled in when something is missing', async () => {
    const { status, body } = await ask('/pipelines/electricity/commands/retrain', {
      form: 'by=%22%3E%3Cscript%3E&why=',
      headers: ours,
    });
    assert.equal(status, 422);
    assert.match(body, /Say why: it is kept/);
    assert.match(body, /value="&quot;&gt;&lt;script&gt;"/);
  });

  it('say why the pipeline refuses, also on the pages of models and runs', async () => {
    world.temporal.fault = { refuses: 'it <cannot> be done' };
    try {
      const forms: readonly (readonly [string, string])[] = [
        ['rollback', FORM],
        ['promote', `${FORM}&modelId=${sha256Of('nsw-1999-11.csv').slice(0, 16)}`],
        ['reprocess', `${FORM}&sha256=${sha256Of('electricity/nsw-2000-07.csv')}`],
      ];
      for (const [command, form] of forms) {
        const answer = await ask(`/pipelines/electricity/commands/${command}`, {
          form,
          headers: ours,
        });
        assert.equal(answer.status, 409, command);
        assert.match(answer.body, /it &lt;cannot&gt; be done/, command);
      }
    } finally {
      world.temporal.fault = 'none';
    }
  });

  it('are refused when the form comes from elsewhere', async () => {
    const path = '/pipelines/electricity/commands/pause';
    const before = world.temporal.updates.length;
    const foreign: readonly Record<string, string>[] = [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: 'http://127.0.0.1:1' },
    ];
    for (const headers of foreign) {
      assert.equal((await ask(path, { form: FORM, headers })).status, 403, JSON.stringify(headers));
    }
    assert.equal(world.temporal.updates.length, before);
    const { host } = new URL(web.url);
    assert.equal(
      (await ask(path, { form: FORM, headers: { origin: `http://${host}` } })).status,
      303,
    );
  });

  it('know no others, and take no endless form', async () => {
    const headers = ours;
    assert.equal(
      (await ask('/pipelines/electricity/commands/configure', { form: FORM, headers })).status,
      404,
    );
    assert.equal(
      (await ask('/pipelines/none/commands/pause', { form: FORM, headers })).status,
      404,
    );
    const form = `${FORM}&x=${'x'.repeat(20_000)}`;
    assert.equal(
      (await ask('/pipelines/electricity/commands/pause', { form, headers })).status,
      413,
    );
  });
});

describe('the answer to a probe', () => {
  it('is that the dashboard is well, with the workflows whose code fails and who is silent', async () => {
    assert.equal((await ask('/healthz')).body, 'ok\n');
    world.temporal.trouble.set('pipeline/weather', new UnansweredError('workflow', 'It fails.'));
    try {
      const { status, body } = await ask('/healthz');
      assert.equal(status, 200);
      assert.equal(body, 'ok\nworkflows whose code fails in the worker: 1 (pipeline/weather)\n');
      assert.match((await ask('/')).body, /its workflow code fails/);
      assert.match((await ask('/pipelines/weather')).body, /It fails\./);
      assert.doesNotMatch((await ask('/pipelines/electricity')).body, /It fails\./);
    } finally {
      world.temporal.trouble.clear();
    }
  });
});

describe('trouble with the store', () => {
  it('is said with its remedy, and takes no page down but those that need it', async (t) => {
    const error = new InfrastructureError(
      'the store /x cannot be used: its disk reports an error; check the disk (EIO)',
    );
    t.mock.method(world.store, 'get', () => Promise.reject(error));
    const unread = `/pipelines/bike-rentals/runs/${sha256Of('bike-rentals/rentals-week-03.parquet')}`;
    const { status, body } = await ask(unread);
    assert.equal(status, 503);
    assert.match(
      body,
      /The store does not answer[^]*its disk reports an error; check the disk \(EIO\)/,
    );
    assert.equal((await ask('/')).status, 200);
    assert.deepEqual(logged.splice(0), ['Request failed']);
  });
});

describe('every answer', () => {
  it('carries the policy that lets no foreign or inline code run', async () => {
    for (const path of ['/', '/nothing', '/parts/pipelines', '/healthz', '/static/calmops.css']) {
      const { headers } = await ask(path);
      assert.match(
        String(headers['content-security-policy']),
        /^default-src 'none'; script-src 'self'; style-src 'self'/,
        path,
      );
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'same-origin');
      assert.equal(headers['x-powered-by'], undefined);
    }
  });

  it('is given to known host names only', async () => {
    for (const host of [
      'localhost:8501',
      '127.0.0.1',
      '[::1]:8501',
      'calmops.example',
      'CALMOPS.example:80',
    ]) {
      assert.equal((await ask('/healthz', { headers: { host } })).status, 200, host);
    }
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost@evil.example']) {
      const { status } = await ask('/healthz', { headers: { host } });
      assert.ok(status === 421 || status === 400, `${host}: ${String(status)}`);
    }
  });

  it('serves htmx with the hash that the page names', async () => {
    const { body } = await ask('/');
    const script = /src="(\/static\/htmx[^"]+)" integrity="(sha384-[^"]+)"/.exec(body);
    assert.equal((await ask(script?.[1] ?? '')).status, 200);
    assert.equal((await ask('/static/calmops.js')).status, 200);
    assert.deepEqual(logged, []);
  });
});
