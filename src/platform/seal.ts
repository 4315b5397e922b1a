/** Seals short texts that leave the process and come back, so that nobody else can read or make them. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

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

type Key = { readonly id: Buffer; readonly bytes: Buffer };

/**
 * AES-256-GCM under keys that HKDF derives for one purpose. The first secret seals, all of them open: that is how
 * a secret is replaced. What is sealed starts with the id of its key.
 */
export function createSealer(secrets: readonly [Uint8Array, ...Uint8Array[]], purpose: string): Sealer {
  const keys = secrets.map((secret) => keyOf(secret, purpose));
  const current = keys[0] as Key;
  return {
    seal: (text, context) => seal(current, text, context),
    open: (sealed, context) => open(keys, Buffer.from(sealed, 'base64url'), context),
  };
}

function keyOf(secret: Uint8Array, purpose: string): Key {
  const derived = Buffer.from(hkdfSync('sha256', secret, '', `nadi seal ${purpose}`, 32 + ID_BYTES));
  return { id: derived.subarray(32), bytes: derived.subarray(0, 32) };
}

function seal(key: Key, text: string, context: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.bytes, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([key.id, nonce, cipher.getAuthTag(), body]).toString('base64url');
}

function open(keys: readonly Key[], sealed: Buffer, context: string): string | undefined {
  const key = keys.find((k) => sealed.subarray(0, ID_BYTES).equals(k.id));
  if (!key || sealed.length < HEAD_BYTES) return undefined;
  const nonce = sealed.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key.bytes, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(ID_BYTES + NONCE_BYTES, HEAD_BYTES));
  try {
    return decipher.update(sealed.subarray(HEAD_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}
