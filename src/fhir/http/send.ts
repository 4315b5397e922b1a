/** From the answer of an interaction to bytes on the wire. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { endWithTurn } from '../../platform/end-of-turn.ts';
import type { FhirResponse } from '../interactions/message.ts';
import type { Work } from '../work/work.ts';
import { compress, codingFor } from './compress.ts';
import type { Rendering } from './negotiate.ts';
import { toXml } from './xml.ts';

/** Above this many bytes pieces are written one after another rather than put together. */
const MAX_JOINED = 1024 * 1024;

export interface Connection {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly work: Pick<Work, 'indent' | 'toXml'>;
}

type Headers = Record<string, string | number>;

/** Resolves when the answer is handed to the connection. For HEAD the body is left out, not its length. */
export async function send({ request, response, work }: Connection, answer: FhirResponse, rendering: Rendering): Promise<void> {
  const headers: Headers = { ...answer.headers };
  const body = answer.body === undefined || isPlain(rendering) ? answer.body : await render(answer.body, rendering, work);
  const pieces = body === undefined ? [] : await encode(body, request.headers['accept-encoding'], headers);
  if (body === undefined) withoutBody(answer.status, headers);
  else describe(rendering, headers);
  if (response.destroyed) return;
  response.writeHead(answer.status, headers);
  if (request.method === 'HEAD') endWithTurn(response);
  else if (pieces.length <= 1) endWithTurn(response, pieces[0]);
  else await writeAll(response, pieces);
}

const isPlain = (rendering: Rendering): boolean => rendering.format === 'json' && !rendering.pretty;

/** 204 and 304 say nothing of a body's length. */
function withoutBody(status: number, headers: Headers): void {
  if (status !== 204 && status !== 304) headers['Content-Length'] = 0;
}

function describe(rendering: Rendering, headers: Headers): void {
  headers['Content-Type'] = rendering.contentType;
  headers['Vary'] = 'Accept, Accept-Encoding';
}

/** Compressed where that is worth it; adds the headers that say so. */
async function encode(body: readonly Uint8Array[], acceptEncoding: string | undefined, headers: Headers): Promise<readonly Uint8Array[]> {
  const length = lengthOf(body);
  const coding = codingFor(acceptEncoding, length);
  const sent = coding === undefined ? joined(body, length) : [await compress(coding, Buffer.concat(body, length))];
  if (coding !== undefined) headers['Content-Encoding'] = coding;
  headers['Content-Length'] = coding === undefined ? length : lengthOf(sent);
  return sent;
}

async function render(body: readonly Uint8Array[], rendering: Rendering, work: Connection['work']): Promise<readonly Uint8Array[]> {
  const json = Buffer.concat(body);
  return rendering.format === 'xml' ? toXml(json, work, rendering.pretty) : [await work.indent({ json })];
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
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Resolves when more can be written, or nothing any more. Listeners that weren't called go. */
async function drained(response: ServerResponse): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  waiting.abort();
}
