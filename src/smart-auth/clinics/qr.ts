/**
 * The QR that hangs at a location: which clinic and place it is, until when it is good, and a signature with the location's own
 * secret. Who photographs it can use it as long as it is good, so what checks in with it looks at more: distance, time, appointment.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import qrcode from 'qrcode';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/seal.ts';
import type { RecordKind, RecordStore } from '../../records/port.ts';

interface LocationSecret {
  readonly sealed: string;
}
const LOCATION_SECRET: RecordKind<LocationSecret> = { name: 'location-secret' };

export interface LocationQr {
  /** The text, good for `seconds`. */
  text(clinic: ClinicId, location: string, seconds: number): Promise<string>;
  /** The location, if the text is one of this clinic and still good. */
  verify(clinic: ClinicId, text: string): Promise<string | undefined>;
  /** From then on those made before are no good. */
  renew(clinic: ClinicId, location: string): Promise<void>;
  forget(clinic: ClinicId, location: string): Promise<void>;
}

const PREFIX = 'nadi-location-1';
const SECRET_BYTES = 32;

export function createLocationQr(records: RecordStore, clock: Clock, sealer: Sealer): LocationQr {
  const newSecret = (location: string): LocationSecret => ({
    sealed: sealer.seal(randomBytes(SECRET_BYTES).toString('base64url'), `qr ${location}`),
  });
  const secretOf = async (clinic: ClinicId, location: string): Promise<string | undefined> => {
    const found = await records.get(LOCATION_SECRET, clinic, location);
    return found && sealer.open(found.value.sealed, `qr ${location}`);
  };
  return {
    async text(clinic, location, seconds) {
      // That another request made it first is as good.
      if ((await secretOf(clinic, location)) === undefined) await records.insert(LOCATION_SECRET, clinic, location, newSecret(location));
      const until = Math.floor(clock.now() / 1000) + seconds;
      const content = [PREFIX, clinic, location, until].join(':');
      return `${content}:${signature((await secretOf(clinic, location)) ?? '', content)}`;
    },
    async verify(clinic, text) {
      const [prefix, ofClinic, location = '', until, signed = ''] = text.split(':');
      const secret = prefix === PREFIX && ofClinic === clinic ? await secretOf(clinic, location) : undefined;
      if (secret === undefined || !(Number(until) * 1000 > clock.now())) return undefined;
      const expected = Buffer.from(signature(secret, text.slice(0, text.lastIndexOf(':'))));
      const given = Buffer.from(signed);
      return given.length === expected.length && timingSafeEqual(given, expected) ? location : undefined;
    },
    async renew(clinic, location) {
      for (;;) {
        const found = await records.get(LOCATION_SECRET, clinic, location);
        const value = newSecret(location);
        const written = found
          ? await records.replace(LOCATION_SECRET, clinic, location, found.revision, value)
          : await records.insert(LOCATION_SECRET, clinic, location, value);
        if (written.ok) return;
      }
    },
    async forget(clinic, location) {
      await records.remove(LOCATION_SECRET, clinic, location);
    },
  };
}

const signature = (secret: string, content: string): string => createHmac('sha256', secret).update(content).digest('base64url');

export const QR_TYPES = { png: 'image/png', svg: 'image/svg+xml' } as const;

export const drawQr = (text: string, format: keyof typeof QR_TYPES): Promise<Buffer | string> =>
  format === 'png' ? qrcode.toBuffer(text, { type: 'png', width: 512 }) : qrcode.toString(text, { type: 'svg' });
