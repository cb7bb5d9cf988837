/**
 * The dashboard in a real browser: what only a browser can tell. It needs chromium (CHROMIUM_PATH, or
 * `chromium` on the PATH) and takes its data from fixtures.
 */
import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { createApp, startWeb } from '../../web/app.ts';
import { createCommands } from '../../web/commands.ts';
import { sha256Of } from '../../web/fixtures/models.ts';
import {
  fixtureWorld,
  publish,
  RUNNING_SHA256,
  type FixtureWorld,
} from '../../web/fixtures/world.ts';
import { createQueries } from '../../web/queries.ts';
import type { RunningWeb } from '../../web/start-web.ts';
import { pipelineWorkflowId } from '../../workflows/contract.ts';

const executablePath = chromiumPath();
const skip = executablePath === undefined ? 'no chromium: set CHROMIUM_PATH or install it' : false;

const RUN = `/pipelines/electricity/runs/${sha256Of('electricity/nsw-2000-07.csv')}`;
const RUNNING = `/pipelines/weather/runs/${RUNNING_SHA256}`;
const PAGES = [
  '/',
  '/pipelines/electricity',
  '/pipelines/churn',
  '/pipelines/electricity/models',
  RUN,
  RUNNING,
];

describe('the dashboard in a browser', { skip }, () => {
  let browser: Browser;
  let world: FixtureWorld;
  let web: RunningWeb;

  before(async () => {
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--disable-background-networking',
      ],
    });
  });

  beforeEach(async () => {
    world = await fixtureWorld();
    const queries = createQueries({ temporal: world.temporal.reader, store: world.store });
    const app = createApp({
      queries,
      commands: createCommands(world.temporal.writer, queries),
      temporalUi: { base: 'http://127.0.0.1:8233', namespace: 'default' },
      allowedHosts: [],
      log: { error: (details, message) => assert.fail(`${message} ${JSON.stringify(details)}`) },
    });
    web = await startWeb({ app, host: '127.0.0.1', port: 0 });
  });

  after(() => browser.close());

  /** Opens a page, and fails afterwards if the browser had anything to complain about. */
  async function visit(
    address: string,
    see: (page: Page) => Promise<void>,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<void> {
    const context = await browser.newContext(options);
    try {
      const { page, complaints } = await listened(context);
      await page.goto(new URL(address, web.url).href);
      await see(page);
      assert.deepEqual(complaints, [], address);
    } finally {
      await context.close();
      await web.close();
    }
  }

  for (const [name, options] of [
    ['wide', { viewport: { width: 1280, height: 900 } }],
    ['narrow', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
  ] as const) {
    it(`shows each page on a ${name} screen without complaint or sideways scrolling`, async () => {
      await visit(
        '/',
        async (page) => {
          for (const address of PAGES) {
            await page.goto(new URL(address, web.url).href);
            assert.notEqual(await page.locator('h1').innerText(), '');
            const overflow = await page.evaluate(
              'document.documentElement.scrollWidth - document.documentElement.clientWidth',
            );
            assert.ok(Number(overflow) <= 0, `${address} is wider than the screen`);
          }
        },
        options,
      );
    });
  }

  it('draws histograms and charts in the colours of the page', async () => {
    await visit(RUN, async (page) => {
      const image = page.locator('img.histogram').first();
      await image.scrollIntoViewIfNeeded();
      const width = await page.evaluate<number>(
        "(async (image) => (await image.decode(), image.naturalWidth))(document.querySelector('img.histogram'))",
      );
      assert.ok(width > 0);
      const stroke = await page.evaluate<string>(
        `getComputedStyle(document.querySelector('.intervals .wide line[stroke^="var"]')).stroke`,
      );
      assert.match(stroke, /^rgb/);
    });
  });

  it('follows a run until it has its outcome, then asks no more', async () => {
    await visit(RUNNING, async (page) => {
      // The page's clock is moved by hand, so that nothing has to be waited for.
      await page.clock.install();
      await page.reload();
      await page.getByText('42 %').first().waitFor();
      setDone(0.87);
      await page.clock.runFor(2500);
      await page.getByText('87 %').first().waitFor();
      await finishRunning();
      await page.clock.runFor(2500);
      await page.getByText('challenger promoted').first().waitFor();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.clock.runFor(60_000);
      assert.equal(await page.locator('[hx-get]').count(), 0);
      assert.deepEqual(asked, []);
    });
  });

  it('keeps what a reader has opened and typed while parts are replaced', async () => {
    await visit('/pipelines/electricity/models', async (page) => {
      await page.locator('summary', { hasText: 'Promote' }).first().click();
      await page.getByText('Where it comes from').first().click();
      await page.getByText('7 features').first().click();
      const name = page.getByLabel('Your name').first();
      await name.fill('Ada');
      await page.evaluate(`htmx.config.test = document.querySelector('.card')`);
      const pipeline = pipelineOf('electricity');
      const { champion } = pipeline.models;
      assert.ok(champion !== null);
      pipeline.models = { ...pipeline.models, champion: { ...champion, why: 'a better reason' } };
      await page.evaluate(`htmx.trigger('#models', 'every')`);
      await page.getByText('a better reason').waitFor();
      assert.equal(await name.inputValue(), 'Ada');
      assert.equal(await page.evaluate(`document.activeElement.name`), 'by');
      assert.equal(await page.locator('details[open]').count(), 3);
      assert.equal(
        await page.evaluate(`htmx.config.test.isConnected`),
        true,
        'it was not made anew',
      );
    });
  });

  it('says so when it is cut off, keeps what it showed, and recovers', async () => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(web.url);
      await context.setOffline(true);
      await page.evaluate(`htmx.trigger('#pipelines', 'every')`);
      await page.getByText('The dashboard does not answer').waitFor();
      assert.equal(await page.getByRole('link', { name: 'electricity' }).count(), 1);
      await context.setOffline(false);
      await page.evaluate(`htmx.trigger('#pipelines', 'every')`);
      await page.getByText('The dashboard does not answer').waitFor({ state: 'hidden' });
    } finally {
      await context.close();
      await web.close();
    }
  });

  for (const javaScriptEnabled of [true, false]) {
    it(`sends commands and sorts ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      await visit(
        '/pipelines/electricity',
        async (page) => {
          await page.locator('summary', { hasText: 'Resume' }).click();
          await page.getByLabel('Your name').first().fill('Ada <script>');
          await page.getByLabel('Why').first().fill('the file is mended');
          await page.getByRole('button', { name: 'Resume' }).click();
          await page.getByText('The pipeline goes on.').waitFor();
          assert.deepEqual(world.temporal.updates.at(-1)?.arg, {
            by: 'Ada <script>',
            why: 'the file is mended',
          });
          await page.goto(new URL(RUN, web.url).href);
          await page.getByRole('link', { name: 'Missing' }).click();
          assert.equal(await page.locator('#columns tbody th code').first().innerText(), 'tariff');
          assert.equal(await page.locator('th[aria-sort="descending"]').innerText(), 'Missing');
        },
        { javaScriptEnabled },
      );
    });
  }

  it('is walked through with the keyboard: first past the navigation, then to what can be done', async () => {
    await visit('/pipelines/electricity', async (page) => {
      const stops: string[] = [];
      for (let i = 0; i < 11; i++) {
        await page.keyboard.press('Tab');
        stops.push(await page.evaluate('document.activeElement.innerText'));
      }
      assert.deepEqual(stops, [
        'Skip to the content',
        'CalmOps',
        'Pipelines',
        '6c7f1f80ce',
        'nsw-2002-01.csv',
        'nsw-2002-02.csv',
        'Models',
        'Workflow in Temporal',
        'Resume',
        'Retrain',
        'Roll back',
      ]);
      await page.keyboard.press('Enter');
      assert.equal(await page.locator('details[open] summary').innerText(), 'Roll back');
    });
  });

  it('does not run what a hostile file calls itself', async () => {
    const hostile = '<img src=x onerror="document.title=1">"\'.csv';
    const pipeline = pipelineOf('electricity');
    const { last } = pipeline.status;
    assert.ok(last !== null);
    const run = { ...last, fileName: hostile, reason: hostile, sha256: 'f'.repeat(64) };
    pipeline.runs = [run, ...pipeline.runs];
    pipeline.status = { ...pipeline.status, last: run };
    await publish(world, 'electricity', [run]);
    await visit('/', async (page) => {
      for (const address of [
        '/',
        '/pipelines/electricity',
        `/pipelines/electricity/runs/${run.sha256}`,
      ]) {
        await page.goto(new URL(address, web.url).href);
        assert.ok((await page.locator('main').innerText()).includes(hostile), address);
        assert.equal(await page.locator('img[src="x"]').count(), 0);
      }
    });
  });

  function pipelineOf(name: string) {
    const pipeline = world.temporal.pipelines.get(pipelineWorkflowId(name));
    assert.ok(pipeline !== undefined);
    return pipeline;
  }

  function setDone(done: number): void {
    for (const [id, activities] of world.temporal.pending) {
      world.temporal.pending.set(
        id,
        activities.map((activity) => ({ ...activity, done })),
      );
    }
  }

  async function finishRunning(): Promise<void> {
    const { last } = pipelineOf('weather').status;
    assert.ok(last !== null);
    await publish(world, 'weather', [{ ...last, sha256: RUNNING_SHA256 }]);
  }
});

async function listened(
  context: BrowserContext,
): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => console.error('refused: ' + event.violatedDirective + ' ' + event.blockedURI))`,
  );
  return { page, complaints };
}

function chromiumPath(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const candidates =
    named === undefined
      ? folders.flatMap((folder) =>
          ['chromium', 'chromium-browser'].map((name) => path.join(folder, name)),
        )
      : [named];
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      // Not there, or not to be run: the next one may be.
      return false;
    }
  });
}
