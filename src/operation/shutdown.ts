/** A quiet end: nothing accepted is lost, nothing new is taken. */
import type { Server, ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';

/** How long accepted requests may take to end. */
const DRAIN_MS = 30_000;

/** How long the first request of a connection may be on its way. */
const SILENT_MS = 1000;

/** Connections that have brought no request yet: browsers and HTTP libraries open some ahead. To be asked for before the first one. */
export function silentConnections(server: Server): ReadonlySet<Socket> {
  const silent = new Set<Socket>();
  server.on(server instanceof HttpsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return silent;
}

/**
 * Stops listening, lets accepted requests end, then cuts what is left after `drainMs`. Idle connections close at once, and soon
 * those that stay silent: to Node they are not idle before they have had a request.
 */
export async function closeServer(server: Server, silent: ReadonlySet<Socket>, drainMs: number = DRAIN_MS): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Whoever goes on sending on a connection is answered, and told that this was the last one.
  server.prependListener('request', (_request, response: ServerResponse) => response.setHeader('Connection', 'close'));
  server.closeIdleConnections();
  // A connection that becomes idle while draining would otherwise be kept alive for the next request.
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const hush = setTimeout(() => silent.forEach((socket) => socket.destroy()), SILENT_MS);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(hush);
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
