import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { assetRoutes, assets } from './assets.ts';
import { createCommandHandler } from './command-handler.ts';
import type { Commands } from './commands.ts';
import type { Asked } from './asked.ts';
import { cardFile, driftFile, histogramFile, reportFile, type Download } from './downloads.ts';
import { createErrorHandler, type ErrorLog } from './errors.ts';
import type { Html } from './html.ts';
import { notFound } from './page-error.ts';
import { healthWords } from './health.ts';
import { createPages, createParts, type TemporalUi } from './pages.ts';
import type { Queries } from './queries.ts';
import {
  CHART_SECURITY_POLICY,
  knownHostsOnly,
  sameOriginOnly,
  securityHeaders,
} from './security.ts';
import { layout, type Page } from './views/layout.ts';

export { startWeb } from './start-web.ts';

export interface AppDeps {
  readonly queries: Queries;
  readonly commands: Commands;
  readonly temporalUi: TemporalUi;
  /** host names, besides the loopback ones, under which the dashboard may be asked for */
  readonly allowedHosts: readonly string[];
  readonly log: ErrorLog;
}

const FORM_LIMIT = '16kb';

/** The dashboard. It keeps nothing: what it shows is asked for, what it does is an update of a workflow. */
export function createApp(deps: AppDeps): Express {
  const { queries, commands, temporalUi, allowedHosts, log } = deps;
  const pages = createPages(queries, temporalUi);
  const parts = createParts(queries, temporalUi);
  const known = assets();
  const sendPage = (response: Response, page: Page): void => {
    response.type('html').send(layout(page, known).toString());
  };
  const page = answering(sendPage);
  const part = answering<Html>((response, markup) => {
    response.type('html').send(markup.toString());
  });
  const chart = answering<string>((response, svg) => {
    response.set('Content-Security-Policy', CHART_SECURITY_POLICY);
    response.type('image/svg+xml').send(svg);
  });
  const file = answering<Download>((response, { fileName, bytes }) => {
    response.type('json').attachment(fileName).send(Buffer.from(bytes));
  });

  const app = express();
  app.disable('x-powered-by');
  // Strong tags of the content: a poll that finds nothing new is answered with 304.
  app.set('etag', 'strong');
  app.set('query parser', 'simple');
  app.use(securityHeaders, knownHostsOnly(allowedHosts));

  app.get('/healthz', async (_request, response) => {
    response.type('text').send(await healthWords(queries));
  });
  app.use('/static', assetRoutes());

  app.get('/', page(pages.pipelines));
  app.get('/pipelines/:name', page(pages.pipeline));
  app.get('/pipelines/:name/models', page(pages.models));
  app.get('/pipelines/:name/runs/:sha256{/:revision}', page(pages.run));

  app.get('/parts/pipelines', part(parts.pipelines));
  app.get('/parts/pipelines/:name/status', part(parts.status));
  app.get('/parts/pipelines/:name/runs', part(parts.runs));
  app.get('/parts/pipelines/:name/models', part(parts.models));
  app.get('/parts/pipelines/:name/runs/:sha256{/:revision}', part(parts.run));

  const run = '/pipelines/:name/runs/:sha256/:revision';
  app.get(
    `${run}/report.json`,
    file((asked) => reportFile(queries, asked)),
  );
  app.get(
    `${run}/drift.json`,
    file((asked) => driftFile(queries, asked)),
  );
  app.get(
    '/pipelines/:name/models/:model/card.json',
    file((asked) => cardFile(queries, asked)),
  );
  app.get(
    `/charts${run}/columns/:column.svg`,
    chart((asked) => histogramFile(queries, asked)),
  );

  app.post(
    '/pipelines/:name/commands/:command',
    sameOriginOnly,
    express.urlencoded({ extended: false, limit: FORM_LIMIT }),
    createCommandHandler({ commands, pages }, sendPage),
  );

  app.use((request) => {
    throw notFound(`There is nothing at ${request.method} ${request.path}.`);
  });
  app.use(createErrorHandler(log, sendPage));
  return app;
}

function answering<T>(
  send: (response: Response, answer: T) => void,
): (show: (asked: Asked) => Promise<T>) => RequestHandler {
  return (show) => async (request: Request, response: Response) => {
    send(response, await show({ params: request.params, query: request.query }));
  };
}
