/** Says what was erased, signed: who has the public key can check it, and no one else can make one. */
import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto';
import type { JsonObject } from '../../fhir/model/json.ts';

export interface Certificate {
  readonly clinic: string;
  /** Stands for the patient, also in the audit trail. */
  readonly patient: string;
  /** An instant. */
  readonly erasedAt: string;
  readonly order: string;
  readonly reason: string;
  /** By type. */
  readonly erased: Readonly<Record<string, { readonly resources: number; readonly versions: number }>>;
  /** Beside resources, by kind: accounts, sessions, grants of apps, messages. */
  readonly records: Readonly<Record<string, number>>;
  /** They stay, without the patient. */
  readonly auditRecords: number;
  readonly auditEvents: number;
  /** Resources of others that refer to the patient: they stay, and someone should look at them. */
  readonly referring: readonly string[];
}

/** PKCS #8 of an Ed25519 key, but for its 32 bytes: https://www.rfc-editor.org/rfc/rfc8410 */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The DocumentReference that keeps a certificate: JSON with its signature and the key that it can be checked by. */
export function certificateDocument(certificate: Certificate, secret: Uint8Array, id: string): JsonObject {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'nadi audit certificate', 32));
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const text = JSON.stringify(certificate);
  const signature = sign(null, Buffer.from(text), key).toString('base64');
  const publicKey = createPublicKey(key).export({ format: 'pem', type: 'spki' });
  const data = Buffer.from(JSON.stringify({ certificate: text, signature, publicKey }, null, 2));
  return {
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    type: { text: 'Certificate of erasure' },
    date: certificate.erasedAt,
    description: `Erasure of ${certificate.patient}, SHA-256 ${createHash('sha256').update(text).digest('hex')}`,
    content: [
      {
        attachment: {
          contentType: 'application/json',
          data: data.toString('base64'),
          hash: createHash('sha1').update(data).digest('base64'),
          title: 'certificate.json',
        },
      },
    ],
  };
}
