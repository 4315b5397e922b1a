/** Whether those that a token speaks of are still what it says: asked when a token is verified; later changes revoke it. */
import type { RecordStore } from '../../records/port.ts';
import { ACCOUNT, CLINIC, MEMBERSHIP, PLATFORM } from '../accounts/records.ts';
import { OAUTH_CLIENT } from '../clients/records.ts';
import { FIRST_PARTY, type TokenClaims } from './port.ts';

type Claims = Pick<TokenClaims, 'sub' | 'kind' | 'clinic' | 'clientId' | 'role' | 'fhirUser'>;

/** Throws `unavailable`. */
export type IsInGoodStanding = (claims: Claims) => Promise<boolean>;

export function createStanding(records: RecordStore): IsInGoodStanding {
  const checks: readonly IsInGoodStanding[] = [
    async ({ clinic }) => (await records.get(CLINIC, PLATFORM, clinic))?.value.active === true,
    async ({ kind, sub }) => kind === 'system' || (await records.get(ACCOUNT, PLATFORM, sub))?.value.active === true,
    async (claims) => claims.kind === 'system' || isMember(records, claims),
    async ({ clientId, kind, clinic }) => {
      if (clientId === FIRST_PARTY) return kind === 'person';
      const client = (await records.get(OAUTH_CLIENT, PLATFORM, clientId))?.value;
      return client?.active === true && client.clinic === clinic;
    },
  ];
  return async (claims) => (await Promise.all(checks.map((check) => check(claims)))).every((good) => good);
}

async function isMember(records: RecordStore, { sub, clinic, role, fhirUser }: Claims): Promise<boolean> {
  const membership = (await records.get(MEMBERSHIP, clinic, sub))?.value;
  return membership?.active === true && membership.role === role && membership.fhirUser === fhirUser;
}
