/** How long grants live, and how they end: then every token of theirs is revoked. */
import type { ClinicId } from '../../../fhir/model/ids.ts';
import type { RecordStore } from '../../../records/port.ts';
import { PLATFORM } from '../../accounts/records.ts';
import { MAX_TOKEN_SECONDS, type TokenRevoker } from '../../tokens/port.ts';
import type { OAuthDeps } from '../deps.ts';
import { GRANT, type Grant } from '../records.ts';

/** An app that isn't used for so long must ask again. */
const OFFLINE_MS = 90 * 86_400_000;
const ONLINE_MS = 12 * 3600_000;

/** A grant without refresh tokens lives as long as its access token. */
export function grantEnd({ refresh, session }: Grant, now: number): number {
  if (refresh === undefined) return now + MAX_TOKEN_SECONDS * 1000;
  return now + (session === undefined ? OFFLINE_MS : ONLINE_MS);
}

export const endGrant = ({ records, revocations }: Pick<OAuthDeps, 'records' | 'revocations'>, grantId: string): Promise<void> =>
  end({ records, revoker: revocations }, grantId);

interface EndDeps {
  readonly records: RecordStore;
  readonly revoker: Pick<TokenRevoker, 'revokeSession'>;
}

const PAGE = 500;

/** All that an account gave, or in one clinic. */
export async function endGrants(deps: EndDeps, account: string, clinic?: ClinicId): Promise<void> {
  for (let after = ''; ;) {
    const found = await deps.records.list(GRANT, PLATFORM, { by: { name: 'account', value: account }, after, limit: PAGE });
    const ended = found.filter(({ value }) => clinic === undefined || value.clinic === clinic);
    await Promise.all(ended.map(({ id }) => end(deps, id)));
    after = found.at(-1)?.id ?? '';
    if (found.length < PAGE) return;
  }
}

async function end({ records, revoker }: EndDeps, grantId: string): Promise<void> {
  await revoker.revokeSession(grantId);
  await records.remove(GRANT, PLATFORM, grantId);
}
