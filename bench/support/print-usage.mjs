/**
 * Imported before a program, it prints as its last line what the process and its child processes took, as JSON: all
 * their processor time, and the sum of the most memory that each of them held. Linux alone tells this of children.
 */
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Ticks in a second: `USER_HZ`, which Linux fixes for programs on every common architecture. */
const TICKS = 100;

/** What a child held at most grows until it ends, and cannot be read after that. */
const LOOK_EVERY_MS = 20;

/** MB at most, by the id of the child */
const peaks = new Map();

if (isMainThread) {
  setInterval(lookAtChildren, LOOK_EVERY_MS).unref();
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const processorSeconds = (userCPUTime + systemCPUTime) / 1e6 + endedChildrenSeconds();
    const peakMb = [...peaks.values()].reduce((sum, peak) => sum + peak, maxRSS / 1024);
    process.stdout.write(`${JSON.stringify({ processorSeconds, peakMb })}\n`);
  });
}

function lookAtChildren() {
  const ids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ');
  for (const id of ids.filter((each) => each !== '')) {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readOf(id))?.[1];
    if (kilobytes !== undefined) peaks.set(id, Number(kilobytes) / 1024);
  }
}

function readOf(id) {
  try {
    return readFileSync(`/proc/${id}/status`, 'utf8');
  } catch (error) {
    // It has ended meanwhile.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  }
}

/** Processor seconds of the children that were waited for, and of theirs. */
function endedChildrenSeconds() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The name of the program, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
}
