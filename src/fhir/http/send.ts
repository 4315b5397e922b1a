/** From the answer of an interaction to bytes on the wire. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FhirResponse } from '../interactions/message.ts';
import { prettyJson } from '../representation/pretty.ts';
import { compress, codingFor } from './compress.ts';
import type { Rendering } from './negotiate.ts';
import { toXml } from './xml.ts';

/** Above this many bytes pieces are written one after another rather than put together. */
const MAX_JOINED = 1024 * 1024;
/** How long the rest of a refused body is still taken in, so that the client gets to reading the answer. */
const DISCARD_MS = 2000;

/** Resolves when the answer is handed to the connection. For HEAD the body is left out, not its length. */
export async function send(request: IncomingMessage, response: ServerResponse, answer: FhirResponse, rendering: Rendering): Promise<void> {
  const headers: Record<string, string | number> = { ...answer.headers };
  const pieces = await bodyOf(request, answer, rendering, headers);
  if (response.destroyed) return;
  if (!request.complete) response.once('finish', () => dropLater(request));
  response.writeHead(answer.status, headers);
  if (request.method === 'HEAD' || pieces.length === 0) response.end();
  else if (pieces.length === 1) response.end(pieces[0]);
  else await writeAll(response, pieces);
}

/** The pieces to send; adds the headers that describe them. */
async function bodyOf(request: IncomingMessage, answer: FhirResponse, rendering: Rendering, headers: Record<string, string | number>): Promise<readonly Uint8Array[]> {
  if (answer.body === undefined) {
    if (answer.status !== 204 && answer.status !== 304) headers['Content-Length'] = 0;
    return [];
  }
  headers['Content-Type'] ??= rendering.contentType;
  headers['Vary'] = 'Accept, Accept-Encoding';
  const rendered = rendering.format === 'json' && !rendering.pretty ? answer.body : render(answer.body, rendering);
  const length = lengthOf(rendered);
  const coding = codingFor(request.headers['accept-encoding'], length);
  const sent = coding === undefined ? joined(rendered, length) : [await compress(coding, Buffer.concat(rendered, length))];
  if (coding !== undefined) headers['Content-Encoding'] = coding;
  headers['Content-Length'] = coding === undefined ? length : lengthOf(sent);
  return sent;
}

function render(body: readonly Uint8Array[], rendering: Rendering): readonly Uint8Array[] {
  const json = Buffer.concat(body);
  if (rendering.format === 'xml') return [toXml(json)];
  return [rendering.pretty ? prettyJson(json) : json];
}

const joined = (pieces: readonly Uint8Array[], length: number): readonly Uint8Array[] =>
  pieces.length === 1 || length > MAX_JOINED ? pieces : [Buffer.concat(pieces, length)];

function lengthOf(pieces: readonly Uint8Array[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}

async function writeAll(response: ServerResponse, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

function dropLater(request: IncomingMessage): void {
  setTimeout(() => request.complete || request.socket.destroy(), DISCARD_MS).unref();
}
