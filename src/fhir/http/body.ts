/** The body of a request, collected within a limit, a share of the memory, and a time. */
import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { FhirError, fhirError, issue } from '../outcome/error.ts';
import type { Share } from './body-budget.ts';
import { createGrowingBytes, type GrowingBytes } from './growing-bytes.ts';
import { createPace, type Pace } from './pace.ts';

/** The client went away before its request was complete: there is nobody to answer. */
export class RequestAborted extends Error {}

export interface BodyOptions {
  /** Bytes, as sent and decompressed. */
  readonly limit: number;
  /** Of the memory for bodies. */
  readonly share: Share;
  /** Milliseconds that a body has beside those that its bytes earn it. */
  readonly graceMs: number;
}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Throws `too-large` above the limit, as sent or decompressed, `unsupported-media-type` for an unknown content coding,
 * `invalid-value` for one that is broken, `unavailable` where there is no room or the body comes too slowly, and
 * RequestAborted.
 */
export async function readBody(request: IncomingMessage, options: BodyOptions): Promise<Buffer> {
  const coding = request.headers['content-encoding']?.trim().toLowerCase();
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > options.limit) throw tooLarge(options.limit);
  await roomFor(request, options.share, length);
  if (coding === undefined || coding === '' || coding === 'identity') return collect(request, request, createGrowingBytes(length), options);
  const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  if (decoder === undefined) throw unknownCoding();
  return collect(request, request.pipe(decoder()), createGrowingBytes(length), options);
}

/** Who goes away meanwhile gives up the place in the queue. */
async function roomFor(request: IncomingMessage, share: Share, length: number): Promise<void> {
  const room = share.take(length);
  if (room === undefined) return;
  request.once('close', share.release);
  await room;
  request.off('close', share.release);
  if (request.destroyed) throw new RequestAborted();
}

/** `source` is the request, or what decompresses it. */
function collect(request: IncomingMessage, source: Readable, bytes: GrowingBytes, options: BodyOptions): Promise<Buffer> {
  const { limit, share, graceMs } = options;
  return new Promise((resolve, reject) => {
    const abandon = (error: Error): void => {
      pace.stop();
      bytes.drop();
      source.removeAllListeners('data');
      // What still comes is dropped, so that the connection is free for the next request.
      if (source !== request) request.unpipe();
      request.resume();
      reject(error);
    };
    const pace = createPace({ graceMs, received: () => bytes.length, late: () => abandon(tooSlow()) });
    source.on('data', (chunk: Buffer) => {
      if (bytes.length + chunk.length > limit) return abandon(tooLarge(limit));
      bytes.add(chunk);
      const room = share.take(bytes.length);
      if (room) pausedUntil(room, source, pace).catch(abandon);
    });
    source.once('end', () => {
      pace.stop();
      resolve(bytes.whole());
    });
    request.once('error', () => abandon(new RequestAborted()));
    if (source !== request) source.once('error', () => abandon(broken()));
  });
}

/** What waits for room is not read on; the time of waiting counts for nobody. */
async function pausedUntil(room: Promise<void>, source: Readable, pace: Pace): Promise<void> {
  source.pause();
  pace.hold();
  await room;
  pace.go();
  source.resume();
}

const tooLarge = (limit: number): FhirError =>
  fhirError('too-large', `a body may have ${limit} bytes here`, 'Split it; a bundle of many resources goes to the base URL.', 'body');

const tooSlow = (): FhirError =>
  fhirError('unavailable', 'the body comes too slowly to keep room for it', 'Send it again over a faster connection.', 'body');

const broken = (): FhirError =>
  fhirError('invalid-value', 'the body is not what Content-Encoding says', 'Send it as it is, or compress it anew.', 'Content-Encoding');

function unknownCoding(): FhirError {
  const known = 'gzip, deflate, br';
  const problem = issue('unsupported-media-type', 'this content coding is not known', `Use one of ${known}, or none.`, 'Content-Encoding');
  return new FhirError([problem], { headers: { 'Accept-Encoding': known } });
}
