/** The body of a request, collected within a limit. */
import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { FhirError, fhirError, issue } from '../outcome/error.ts';

/** The client went away before its request was complete: there is nobody to answer. */
export class RequestAborted extends Error {}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Throws `too-large` above `limit` bytes, as sent or decompressed, `unsupported-media-type` for an unknown
 * content coding, `invalid-value` for one that is broken, and RequestAborted.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const coding = request.headers['content-encoding']?.trim().toLowerCase();
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  if (coding === undefined || coding === '' || coding === 'identity') return collect(request, request, limit);
  const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  if (decoder === undefined) throw unknownCoding();
  return collect(request, request.pipe(decoder()), limit);
}

/** `source` is the request, or what decompresses it. */
function collect(request: IncomingMessage, source: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    source.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) abandon();
      else chunks.push(chunk);
    });
    source.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    request.once('error', () => reject(new RequestAborted()));
    if (source !== request) source.once('error', () => reject(broken()));

    const abandon = (): void => {
      chunks.length = 0;
      source.removeAllListeners('data');
      // What still comes is dropped, so that the connection is free for the next request.
      if (source !== request) request.unpipe().resume();
      reject(tooLarge(limit));
    };
  });
}

const tooLarge = (limit: number): FhirError =>
  fhirError('too-large', `a body may have ${limit} bytes here`, 'Split it; a bundle of many resources goes to the base URL.', 'body');

const broken = (): FhirError =>
  fhirError('invalid-value', 'the body is not what Content-Encoding says', 'Send it as it is, or compress it anew.', 'Content-Encoding');

function unknownCoding(): FhirError {
  const known = 'gzip, deflate, br';
  const problem = issue('unsupported-media-type', 'this content coding is not known', `Use one of ${known}, or none.`, 'Content-Encoding');
  return new FhirError([problem], { headers: { 'Accept-Encoding': known } });
}
