/** The root of all keys: given, or in the embedded profile made once and kept beside the data. */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KEY_BYTES = 32;

/** The 32 bytes of SECRET_KEY; without one, those of `DATA_DIR/secret.key`, which is made, readable for its owner only. */
export function secretKey(given: string | undefined, dataDir: string): Uint8Array {
  if (given !== undefined) return Buffer.from(given, 'base64');
  const file = join(dataDir, 'secret.key');
  const key = Buffer.from(readOrMake(file), 'base64');
  if (key.length !== KEY_BYTES) throw new Error(`${file} doesn't hold 32 bytes in base64: put back the key that the data was made with`);
  return key;
}

function readOrMake(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // Written aside and linked into place, so that no crash leaves half a key behind.
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600, flush: true });
  linkSync(aside, file);
  rmSync(aside);
  return readFileSync(file, 'utf8');
}
