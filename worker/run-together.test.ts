import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runTogether, StuckWorkerError, type Part } from './run-together.ts';

/** A part of a worker that runs until it is told to stop, or until it fails. */
class FakePart implements Part {
  readonly options = { taskQueue: 'a queue' };
  #state: ReturnType<Part['getState']> = 'RUNNING';
  #settle: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  readonly #ended = new Promise<void>((resolve, reject) => {
    this.#settle = resolve;
    this.#reject = reject;
  });

  getState(): ReturnType<Part['getState']> {
    return this.#state;
  }

  run(): Promise<void> {
    return this.#ended;
  }

  stop(): void {
    if (this.#state !== 'RUNNING') return;
    this.#state = 'STOPPED';
    this.#settle();
  }

  fail(error: Error): void {
    this.#state = 'FAILED';
    this.#reject(error);
  }

  failWithoutEnd(): void {
    this.#state = 'FAILED';
  }
}

describe('the parts of a worker', () => {
  const start = () => {
    const parts = [new FakePart(), new FakePart()] as const;
    const stop = (): void => {
      for (const part of parts) part.stop();
    };
    return { parts, stop, running: runTogether(parts, stop, 10) };
  };

  test('end together when they are asked to stop', async () => {
    const { stop, running } = start();
    stop();
    await running;
  });

  test('are all stopped when one fails, and what it failed with is told', async () => {
    const { parts, running } = start();
    parts[0].fail(new Error('no disk'));
    await assert.rejects(running, /no disk/);
    assert.equal(parts[1].getState(), 'STOPPED');
  });

  test('are given up when one has failed and does not end', async () => {
    const { parts, running } = start();
    parts[1].failWithoutEnd();
    await assert.rejects(running, StuckWorkerError);
    assert.equal(parts[0].getState(), 'STOPPED');
  });
});
