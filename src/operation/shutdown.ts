/** A quiet end: nothing accepted is lost, nothing new is taken. */
import type { Server, ServerResponse } from 'node:http';

/** How long accepted requests may take to end. */
const DRAIN_MS = 30_000;

/** Stops listening, lets accepted requests end, then cuts what is left after `drainMs`. Idle connections close at once. */
export async function closeServer(server: Server, drainMs: number = DRAIN_MS): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Whoever goes on sending on a connection is answered, and told that this was the last one.
  server.prependListener('request', (_request, response: ServerResponse) => response.setHeader('Connection', 'close'));
  server.closeIdleConnections();
  // A connection that becomes idle while draining would otherwise be kept alive for the next request.
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}

export type Stop = { readonly name: string; readonly stop: () => Promise<void> | void };

/** Runs the stops one after another, all of them whatever fails; resolves to the names of those that failed. */
export async function stopAll(stops: readonly Stop[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, stop } of stops) {
    try {
      await stop();
    } catch {
      failed.push(name);
    }
  }
  return failed;
}
