import path from 'node:path';
import type { Logger as TemporalLogger, LogMetadata } from '@temporalio/common';
import { pino, type DestinationStream, type Level, type Logger } from 'pino';
import { z } from 'zod';
import { pipelineName } from '../pipelines/schema.ts';
import { descriptorStream, LogFile, LogTrouble } from './log-file.ts';
import type { Settings } from './settings.ts';

/**
 * The log of a process: JSON lines on stdout from `settings.logLevel` up. A record with a `pipeline`
 * field goes to `<logsFolder>/<pipeline>.log` as well.
 */
export function createLogger(settings: Settings, component: string): Logger {
  const trouble = new LogTrouble(tellOnStderr());
  const stream = descriptorStream(1, 'The log on stdout', trouble);
  return loggerTo(settings, component, trouble, [{ stream, level: lowest(settings) }]);
}

/**
 * The same for a process whose terminal is for people: everything goes to `<home>/calmops.log`, and
 * warnings and errors to stderr, in a line without details.
 */
export function createFileLogger(settings: Settings, component: string): Logger {
  const tell = tellOnStderr();
  const trouble = new LogTrouble(tell);
  const file = new LogFile(path.join(settings.home, 'calmops.log'), trouble);
  return loggerTo(settings, component, trouble, [
    { stream: file, level: lowest(settings) },
    { stream: new PlainLines(tell), level: 'warn' },
  ]);
}

/**
 * A logger whose records carry the pipeline, and so reach its own file.
 * @throws if `pipeline` is not a pipeline name
 */
export function pipelineLogger(logger: Logger, pipeline: string): Logger {
  return logger.child({ pipeline: pipelineName.parse(pipeline) });
}

/**
 * Carries what the Temporal SDK has to say into the process's log: `Runtime.install({ logger })`. What is
 * said of a pipeline's workflow or of one of its runs reaches the pipeline's file.
 */
export function temporalLogger(logger: Logger): TemporalLogger {
  const writer =
    (level: Level) =>
    (message: string, meta?: LogMetadata): void => {
      logger[level]({ ...pipelineOf(meta), ...withoutBigInts(meta) }, message);
    };
  const writers = {
    trace: writer('trace'),
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
  const warn: typeof writers.warn = (message, meta) => {
    writers[EXPECTED_WARNINGS.has(message) ? 'debug' : 'warn'](message, meta);
  };
  return {
    ...writers,
    warn,
    log: (level, message, meta) => {
      (level === 'WARN' ? warn : writers[TEMPORAL_LEVELS[level]])(message, meta);
    },
  };
}

/** Compute workers are meant to run activities only. */
const EXPECTED_WARNINGS: ReadonlySet<string> = new Set([
  'No workflows registered, not polling for workflow tasks',
]);

const TEMPORAL_LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/** pino's number for `error` */
const ERROR_LEVEL = 50;

const recordSchema = z.object({ level: z.number(), msg: z.string().default('') });

interface LeveledStream {
  readonly stream: DestinationStream;
  readonly level: Level;
}

function loggerTo(
  settings: Settings,
  component: string,
  trouble: LogTrouble,
  streams: readonly LeveledStream[],
): Logger {
  const files = new PipelineFiles(settings.logsFolder, trouble);
  const perPipeline = { stream: files, level: lowest(settings) };
  return pino(
    { level: settings.logLevel, base: { component }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream([...streams, perPipeline]),
  );
}

/** The level of the streams; at `silent` the logger itself lets nothing through to them. */
function lowest(settings: Settings): Level {
  return settings.logLevel === 'silent' ? 'fatal' : settings.logLevel;
}

/** Sends each record that names a pipeline to that pipeline's file. */
class PipelineFiles implements DestinationStream {
  private readonly files = new Map<string, LogFile>();
  private readonly folder: string;
  private readonly trouble: LogTrouble;

  constructor(folder: string, trouble: LogTrouble) {
    this.folder = folder;
    this.trouble = trouble;
  }

  write(line: string): void {
    if (!line.includes('"pipeline":')) return;
    const record: unknown = JSON.parse(line);
    if (typeof record !== 'object' || record === null || !('pipeline' in record)) return;
    const name = pipelineName.safeParse(record.pipeline);
    if (!name.success) return;
    this.fileOf(name.data).write(line);
  }

  private fileOf(pipeline: string): LogFile {
    const known = this.files.get(pipeline);
    if (known !== undefined) return known;
    const file = new LogFile(path.join(this.folder, `${pipeline}.log`), this.trouble);
    this.files.set(pipeline, file);
    return file;
  }
}

/** Records as people read them: `warning: Could not reach …`. */
class PlainLines implements DestinationStream {
  private readonly tell: (message: string) => void;

  constructor(tell: (message: string) => void) {
    this.tell = tell;
  }

  write(line: string): void {
    const { level, msg } = recordSchema.parse(JSON.parse(line));
    this.tell(`${level >= ERROR_LEVEL ? 'error' : 'warning'}: ${msg}`);
  }
}

/** Lines for people on stderr. Where stderr itself cannot be written, there is nobody left to tell. */
function tellOnStderr(): (message: string) => void {
  const stream = descriptorStream(2, 'stderr', new LogTrouble(() => undefined));
  return (message) => stream.write(`${message}\n`);
}

/** `pipeline/<name>` and `dataset/<name>/<sha256>` */
const WORKFLOW_ID = /^(?:pipeline|dataset)\/([a-z0-9-]+)/;

function pipelineOf(meta: LogMetadata = {}): { readonly pipeline?: string } {
  const id: unknown = meta['workflowId'] ?? meta['workflow_id'];
  const pipeline = typeof id === 'string' ? WORKFLOW_ID.exec(id)?.[1] : undefined;
  return pipeline === undefined ? {} : { pipeline };
}

/** The SDK hands over times as bigint, which JSON cannot hold. */
function withoutBigInts(meta: LogMetadata = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(meta).map(([key, value]) => [
      key,
      typeof value === 'bigint' ? value.toString() : (value as unknown),
    ]),
  );
}
