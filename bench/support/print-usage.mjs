/** Imported before a program, it prints as its last line what the whole process took, as JSON. */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const processorSeconds = (userCPUTime + systemCPUTime) / 1e6;
    process.stdout.write(`${JSON.stringify({ processorSeconds, peakMb: maxRSS / 1024 })}\n`);
  });
}
