/**
 * Loaded into a server (`node --import`): answers with the longest time that its event loop was held since it was last
 * asked, by the clock and in its own processor time (others may have the processor meanwhile), and the most memory it
 * has had. It listens on a port that it writes to the file in LOOP_WATCH.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread } from 'node:worker_threads';

const file = process.env['LOOP_WATCH'];
if (isMainThread && file !== undefined) watch(file);

/** Milliseconds that this thread has computed. */
function spent(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function watch(portFile: string): void {
  const longest = { clock: 0, own: 0 };
  const last = { clock: performance.now(), own: spent() };
  const look = (): void => {
    const now = { clock: performance.now(), own: spent() };
    longest.clock = Math.max(longest.clock, now.clock - last.clock);
    longest.own = Math.max(longest.own, now.own - last.own);
    Object.assign(last, now);
  };
  setInterval(look, 1).unref();
  const server = createServer((_request, response) => {
    look();
    response.end(JSON.stringify({ longestMs: longest.clock, longestOwnMs: longest.own, peakMiB: process.resourceUsage().maxRSS / 1024 }));
    Object.assign(longest, { clock: 0, own: 0 });
  });
  server.listen(0, '127.0.0.1', () => {
    writeFileSync(portFile, String((server.address() as AddressInfo).port));
  });
  server.unref();
}
