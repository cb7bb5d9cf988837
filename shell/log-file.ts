import { mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { pino, type DestinationStream } from 'pino';
import { hasCode } from '../core/error-code.ts';

type Writer = ReturnType<typeof pino.destination>;

/** A log beyond this size is put aside as `<name>.1.log`, in place of the last one. */
const MAX_LOG_BYTES = 10 * 2 ** 20;

/** What a log that cannot be written holds back at most, to be written once it can be; what follows is lost. */
const MAX_HELD_BYTES = 2 ** 20;

/**
 * What to say of logs that cannot be written. Whoever logs must not end for it, and a full disk is said once, not once a
 * file and record.
 */
export class LogTrouble {
  private readonly tell: (message: string) => void;
  private readonly said = new Map<string, string>();

  /** @param tell where a person sees it although the logs cannot be written */
  constructor(tell: (message: string) => void) {
    this.tell = tell;
  }

  /** @param log the name of the log */
  cannotWrite(log: string, error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    const isNew = ![...this.said.values()].includes(code);
    this.said.set(log, code);
    if (isNew) this.tell(`${log} cannot be written: ${String(error)}. ${remedyFor(code)}`);
  }

  written(log: string): void {
    if (this.said.delete(log) && this.said.size === 0) {
      this.tell('All logs are written again.');
    }
  }
}

function remedyFor(code: string): string {
  const then = 'CalmOps goes on, and so does the log once it can be written.';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `Make room on its disk. ${then}`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `Let the user of CalmOps write there. ${then}`;
    case 'EPIPE':
      return 'Whoever read it is gone. CalmOps goes on without it.';
    default:
      return then;
  }
}

/** A stream of an open descriptor; that it cannot be written never ends the process. */
export function descriptorStream(dest: number, log: string, trouble: LogTrouble): Writer {
  return watchedFor(
    trouble,
    log,
    pino.destination({ dest, sync: true, maxLength: MAX_HELD_BYTES }),
  );
}

/**
 * A file that is appended to, created on the first record, and put aside when it has grown too large. Where it cannot be
 * written, the trouble is told, and the next record tries again.
 */
export class LogFile implements DestinationStream {
  private readonly file: string;
  private readonly trouble: LogTrouble;
  private writer: Writer | null = null;
  private bytes = 0;

  constructor(file: string, trouble: LogTrouble) {
    this.file = file;
    this.trouble = trouble;
  }

  write(line: string): void {
    try {
      if (this.writer === null || this.bytes >= MAX_LOG_BYTES) this.writer = this.open();
      this.bytes += Buffer.byteLength(line);
      this.writer.write(line);
    } catch (error) {
      this.trouble.cannotWrite(this.file, error);
    }
  }

  private open(): Writer {
    this.writer?.end();
    this.writer = null;
    mkdirSync(path.dirname(this.file), { recursive: true });
    // Several processes may append to one file: the size on disk counts, not what this one wrote.
    this.bytes = statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    if (this.bytes >= MAX_LOG_BYTES) {
      putAside(this.file);
      this.bytes = 0;
    }
    const options = { dest: this.file, append: true, sync: true, maxLength: MAX_HELD_BYTES };
    return watchedFor(this.trouble, this.file, pino.destination(options));
  }
}

function watchedFor(trouble: LogTrouble, log: string, writer: Writer): Writer {
  writer.on('error', (error: unknown) => trouble.cannotWrite(log, error));
  writer.on('write', () => trouble.written(log));
  return writer;
}

function putAside(file: string): void {
  try {
    renameSync(file, file.replace(/\.log$/, '.1.log'));
  } catch (error) {
    // Another process that writes to it came first.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
