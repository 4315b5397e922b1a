/** What comes of a body after its request is answered: dropped for a while, then the connection is closed. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** So that the client gets to reading the answer before it is cut off. */
const DISCARD_MS = 2000;

/** For every handler of the server. Without it a refused body may go on for as long as Node lets a request take. */
export function endUnreadBodies(server: Server): void {
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (hasBody(request)) response.once('finish', () => request.complete || dropLater(request));
  });
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

function dropLater(request: IncomingMessage): void {
  setTimeout(() => request.complete || request.socket.destroy(), DISCARD_MS).unref();
}
