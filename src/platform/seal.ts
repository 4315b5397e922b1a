/** Seals short texts that leave the process and come back, so that nobody else can read or make them. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomFillSync, type KeyObject } from 'node:crypto';

export interface Sealer {
  /** URL-safe text that `open` turns back, given the same `context`. Whoever holds it can neither read nor change it. */
  seal(text: string, context: string): string;
  /** Undefined for what wasn't sealed here, under these secrets and for this context. */
  open(sealed: string, context: string): string | undefined;
}

const ALGORITHM = 'aes-256-gcm';
const ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = ID_BYTES + NONCE_BYTES + TAG_BYTES;

/** A key object: made of bytes anew, it would cost three times as much as the sealing. */
type Key = { readonly id: Buffer; readonly secret: KeyObject };

/**
 * AES-256-GCM under keys that HKDF derives for one purpose. The first secret seals, all of them open: that is how
 * a secret is replaced. What is sealed starts with the id of its key.
 */
export function createSealer(secrets: readonly [Uint8Array, ...Uint8Array[]], purpose: string): Sealer {
  const keys = secrets.map((secret) => keyOf(secret, purpose));
  const current = keys[0] as Key;
  const nextNonce = nonceSource();
  return {
    seal: (text, context) => seal(current, nextNonce(), text, context),
    open: (sealed, context) => open(keys, Buffer.from(sealed, 'base64url'), context),
  };
}

function keyOf(secret: Uint8Array, purpose: string): Key {
  const derived = Buffer.from(hkdfSync('sha256', secret, '', `nadi seal ${purpose}`, 32 + ID_BYTES));
  return { id: derived.subarray(32), secret: createSecretKey(derived.subarray(0, 32)) };
}

/** Random, drawn for many at once; each is used once. */
function nonceSource(): () => Buffer {
  const pool = Buffer.alloc(NONCE_BYTES * 256);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += NONCE_BYTES;
    return pool.subarray(used - NONCE_BYTES, used);
  };
}

function seal(key: Key, nonce: Buffer, text: string, context: string): string {
  const cipher = createCipheriv(ALGORITHM, key.secret, nonce);
  cipher.setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([key.id, nonce, cipher.getAuthTag(), body]).toString('base64url');
}

function open(keys: readonly Key[], sealed: Buffer, context: string): string | undefined {
  const key = keys.find((k) => sealed.subarray(0, ID_BYTES).equals(k.id));
  if (!key || sealed.length < HEAD_BYTES) return undefined;
  const nonce = sealed.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(ID_BYTES + NONCE_BYTES, HEAD_BYTES));
  try {
    return decipher.update(sealed.subarray(HEAD_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}
