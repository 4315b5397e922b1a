/** Tokens made and verified as in a server, with a filter that lets everything through: what it says is another part's. */
import { ALL_ACCESS, type Principal } from '../../../src/fhir/model/principal.ts';
import { uuidSource, type IdSource } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/seal.ts';
import type { RecordStore } from '../../../src/records/port.ts';
import { CLINIC, PLATFORM } from '../../../src/smart-auth/accounts/records.ts';
import { createSigningKeys, type SigningKeys } from '../../../src/smart-auth/keys/key-set.ts';
import { makeKeys } from '../../../src/smart-auth/keys/make.ts';
import { KEY_SET } from '../../../src/smart-auth/keys/records.ts';
import { createTokenIssuer, createTokenVerifier } from '../../../src/smart-auth/tokens/access-token.ts';
import { createIdentify, type IdentifyCaller } from '../../../src/smart-auth/tokens/identify.ts';
import type { TokenClaims, TokenIssuer } from '../../../src/smart-auth/tokens/port.ts';
import { createRevocations, type Revocations } from '../../../src/smart-auth/tokens/revocations.ts';
import { createStanding } from '../../../src/smart-auth/tokens/standing.ts';
import type { MovableClock } from '../clock.ts';
import { DEMO } from '../people.ts';

export const ISSUER = 'http://nadi.test';
export const sealer = createSealer([Buffer.alloc(32, 1)], 'signing-keys');

export const CLAIMS: TokenClaims = {
  sub: 'asha',
  kind: 'person',
  clinic: DEMO,
  clientId: 'nadi',
  scope: 'user/*.cruds',
  sid: 's-1',
  role: 'DOCTOR',
  fhirUser: 'Practitioner/1',
};

export interface TokenProcess {
  readonly keys: SigningKeys;
  readonly revocations: Revocations;
  readonly identify: IdentifyCaller;
  readonly issuer: TokenIssuer;
  readonly newId: IdSource;
  /** For whom a filter was made. */
  readonly built: readonly Principal[];
}

let made: ReturnType<typeof makeKeys> | undefined;

/** Keys as a first process would make them; made once for all stores of a suite, since that takes a second. */
export async function giveKeys(records: RecordStore): Promise<void> {
  made ??= makeKeys(sealer, 0);
  await records.insert(KEY_SET, PLATFORM, 'current', { keys: await made });
}

/** One process of a server. */
export function tokenProcess(records: RecordStore, clock: MovableClock): TokenProcess {
  const newId = uuidSource(clock);
  const keys = createSigningKeys({ records, sealer, clock });
  const publicUrl = (): string => ISSUER;
  const revocations = createRevocations({ records, clock, newId });
  const built: Principal[] = [];
  const identify = createIdentify({
    verify: createTokenVerifier({ keys, clock, publicUrl }),
    revocations,
    inGoodStanding: createStanding(records),
    accessOf: (principal) => {
      built.push(principal);
      return ALL_ACCESS;
    },
    clinicExists: async (clinic) => (await records.get(CLINIC, PLATFORM, clinic)) !== undefined,
    clock,
  });
  return { keys, revocations, identify, built, newId, issuer: createTokenIssuer({ keys, clock, newId, publicUrl }) };
}
