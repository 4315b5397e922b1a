/** Keys, tokens, apps and the OAuth endpoints put together. */
import type { Route } from '../../api/route.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Outbound } from '../../platform/outbound.ts';
import type { Sealer } from '../../platform/seal.ts';
import { createGuard } from '../accounts/guard.ts';
import { CLINIC, PLATFORM } from '../accounts/records.ts';
import { createClients } from '../clients/clients.ts';
import { createOriginLookup } from '../clients/origins.ts';
import { clientRoutes } from '../clients/routes.ts';
import { createTokenIssuer, createTokenVerifier } from '../tokens/access-token.ts';
import { createIdentify, type IdentifyCaller, type IdentifyDeps } from '../tokens/identify.ts';
import type { TokenIssuer, TokenRevoker } from '../tokens/port.ts';
import { createRevocations } from '../tokens/revocations.ts';
import { createStanding } from '../tokens/standing.ts';
import { createKeySets } from './client/key-sets.ts';
import { createTransactions, type Transactions } from './authorize/transactions.ts';
import type { OAuthDeps } from './deps.ts';
import { personRoutes } from './person-routes.ts';
import { oauthRoutes } from './routes.ts';

type Given = 'records' | 'clock' | 'newId' | 'keys' | 'scopes' | 'seenBy' | 'publicUrl' | 'homeClinic' | 'errorPage';

export interface OAuthOptions extends Pick<OAuthDeps, Given>, Pick<IdentifyDeps, 'accessOf'> {
  readonly outbound: Outbound;
  /** Of the purpose `refresh-tokens`. */
  readonly refreshSealer: Sealer;
}

export interface OAuth {
  readonly issuer: TokenIssuer;
  readonly revoker: TokenRevoker;
  readonly identify: IdentifyCaller;
  readonly routes: readonly Route[];
  /** For the login and consent pages. */
  readonly transactions: Transactions;
  /** What the endpoints work with: the pages show some of it. */
  readonly deps: OAuthDeps;
  /** For CORS. */
  readonly isOriginOfApp: (origin: string) => Promise<boolean>;
}

export function createOAuth(options: OAuthOptions): OAuth {
  const { records, clock, newId, keys, publicUrl, refreshSealer, accessOf, outbound, ...given } = options;
  const issuer = createTokenIssuer({ keys, clock, newId, publicUrl });
  const verify = createTokenVerifier({ keys, clock, publicUrl });
  const revocations = createRevocations({ records, clock, newId });
  const inGoodStanding = createStanding(records);
  const clients = createClients({ records, revoker: revocations, clock, newId });
  const clinicExists = async (clinic: ClinicId): Promise<boolean> => (await records.get(CLINIC, PLATFORM, clinic))?.value.active === true;
  const guard = createGuard({ records, clock });
  const keySets = createKeySets({ outbound, clock });
  const shared = {
    guard,
    keySets,
    records,
    clock,
    newId,
    keys,
    publicUrl,
    sealer: refreshSealer,
    issuer,
    verify,
    revocations,
    inGoodStanding,
    clients,
  };
  const deps: OAuthDeps = { ...given, ...shared };
  return {
    issuer,
    revoker: revocations,
    identify: createIdentify({ verify, revocations, inGoodStanding, accessOf, clinicExists, clock }),
    routes: [...oauthRoutes(deps), ...personRoutes(deps), ...clientRoutes(clients)],
    transactions: createTransactions(deps),
    deps,
    isOriginOfApp: createOriginLookup(records),
  };
}
