/**
 * A thread beside the main thread of a process that runs tasks. It ends the process when the task passes its limits, or
 * when the parent is gone. It does so from outside of the main thread, which may be busy in native code for ever.
 *
 * It is plain JavaScript, so that it starts at once and small, from the sources and from the build.
 */
import { clearInterval, setInterval } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';

/** Memory can grow by a few hundred MB between two looks. */
const LOOK_EVERY_MS = 50;

const { signals, parent } = workerData;
let timer;

parentPort.on('message', (limits) => {
  clearInterval(timer);
  if (limits === 'idle') return;
  const startedAt = cpuSeconds();
  timer = setInterval(() => look(limits, startedAt), LOOK_EVERY_MS);
});

function look(limits, startedAt) {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  if (limits === null) return;
  if (process.memoryUsage.rss() > limits.memoryMb * 2 ** 20) {
    process.kill(process.pid, signals.memory);
  } else if (cpuSeconds() - startedAt > limits.cpuSeconds) {
    process.kill(process.pid, signals.cpu);
  }
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
