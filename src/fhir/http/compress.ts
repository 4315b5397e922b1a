/** Compression of answers, where the client takes it and it is worth it. */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type Coding = 'br' | 'gzip';

/** Below this many bytes an answer goes out in one packet anyway. */
const MIN_BYTES = 1024;
/** JSON shrinks nearly as much at these levels as at the highest, in a tenth of the time. */
const GZIP_LEVEL = 4;
const BROTLI_QUALITY = 4;

const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);

/** `br` before `gzip`, where the client has no preference. https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding */
export function codingFor(acceptEncoding: string | undefined, bytes: number): Coding | undefined {
  if (acceptEncoding === undefined || bytes < MIN_BYTES) return undefined;
  const rated = (['br', 'gzip'] as const).map((coding) => ({ coding, quality: qualityOf(coding, acceptEncoding) }));
  const [br, gz] = rated as [(typeof rated)[0], (typeof rated)[0]];
  const best = gz.quality > br.quality ? gz : br;
  return best.quality > 0 ? best.coding : undefined;
}

/** In the thread pool: the event loop goes on. */
export function compress(coding: Coding, bytes: Uint8Array): Promise<Buffer> {
  if (coding === 'gzip') return gzipped(bytes, { level: GZIP_LEVEL });
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotlied(bytes, { params: { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.length } });
}

function qualityOf(coding: Coding, acceptEncoding: string): number {
  for (const part of acceptEncoding.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((p) => p.trim().toLowerCase());
    if (name !== coding && name !== '*') continue;
    const quality = Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1);
    if (name === coding || quality > 0) return Number.isFinite(quality) ? quality : 0;
  }
  return 0;
}
