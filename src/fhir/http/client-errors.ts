/** Answers to what the HTTP parser itself refuses: no request of it ever gets to a handler. */
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERROR_KINDS, type ErrorKind } from '../outcome/kinds.ts';
import { problemText } from './problem.ts';

const KINDS: Readonly<Record<string, readonly [ErrorKind, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'the request line and headers are larger than this server reads'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['too-large', 'the chunk extensions of the body are larger than this server reads'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'the request did not arrive in time'],
};
const MALFORMED = ['malformed-request', 'this is not a well-formed HTTP request'] as const;
/** How long what still comes is taken in, so that the client gets to reading the answer. */
const LINGER_MS = 2000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Has the server answer such errors with a problem, and close the connection. */
export function answerClientErrors(server: Server, newId: () => string): void {
  const openOn = new WeakMap<Duplex, Set<Exchange>>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const open = openOn.get(socket) ?? new Set();
    const exchange = { request, response };
    openOn.set(socket, open.add(exchange));
    response.once('close', () => open.delete(exchange));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Answered already: more of the same came behind it.
    if (socket.writableEnded) return;
    if (socket.writable && error.code !== 'ECONNRESET' && isFree([...(openOn.get(socket) ?? [])])) refuse(socket, error.code, newId());
    else socket.destroy();
  });
}

/** Whether an answer would be taken for one to what is broken: not for one to a request before it, nor as part of an answer. */
const isFree = (open: readonly Exchange[]): boolean =>
  open.length === 0 || (open.length === 1 && open.every(({ request, response }) => !request.complete && !response.headersSent));

function refuse(socket: Duplex, code: string | undefined, requestId: string): void {
  const [kind, detail] = KINDS[code ?? ''] ?? MALFORMED;
  const { status } = ERROR_KINDS[kind];
  const body = problemText(kind, detail, requestId);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Date: ${new Date().toUTCString()}`,
    'Connection: close',
    `X-Request-Id: ${requestId}`,
    'X-Content-Type-Options: nosniff',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const cut = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(cut));
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
}
