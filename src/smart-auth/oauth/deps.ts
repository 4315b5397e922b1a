/** What the OAuth endpoints work with. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiAnswer } from '../../api/route.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { IdSource } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/seal.ts';
import type { RecordStore } from '../../records/port.ts';
import type { Guard } from '../accounts/guard.ts';
import type { Clients } from '../clients/clients.ts';
import type { KeySets } from './client/key-sets.ts';
import type { SigningKeys } from '../keys/key-set.ts';
import type { VerifyToken } from '../tokens/access-token.ts';
import type { TokenIssuer } from '../tokens/port.ts';
import type { Revocations } from '../tokens/revocations.ts';
import type { IsInGoodStanding } from '../tokens/standing.ts';

/** Scopes as text, separated by spaces. */
export interface ScopeRules {
  /** What of `asked` is a scope, within `ceiling`, and of use to the role (to a system, where there is none). */
  granted(asked: string, ceiling: string, role?: Role): string;
  isWithin(asked: string, granted: string): boolean;
}

/** A person in a clinic, as the server knows them. */
export interface Member {
  readonly account: string;
  readonly clinic: ClinicId;
  readonly role: Role;
  readonly fhirUser: string;
}

/** What of a record a launch is checked by. */
export interface SeenRecord {
  readonly subject?: { readonly reference?: string };
}

export interface OAuthDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly newId: IdSource;
  /** Of the purpose `refresh-tokens`. */
  readonly sealer: Sealer;
  readonly keys: SigningKeys;
  readonly issuer: TokenIssuer;
  readonly verify: VerifyToken;
  readonly revocations: Pick<Revocations, 'refresh' | 'isRevoked' | 'revokeSession'>;
  readonly inGoodStanding: IsInGoodStanding;
  readonly clients: Clients;
  readonly scopes: ScopeRules;
  readonly keySets: KeySets;
  /** Counts what strangers may ask. */
  readonly guard: Pick<Guard, 'spendFrom'>;
  /** `Patient/9`, `Encounter/7`, as the person sees it; undefined where they don't. */
  readonly seenBy: (member: Member, reference: string) => Promise<SeenRecord | undefined>;
  /** Without a final slash; known once the server listens. */
  readonly publicUrl: () => string;
  /** The clinic whose apps register where no other is named. */
  readonly homeClinic: ClinicId;
  /** How a person is told in the browser what an app did wrong. */
  readonly errorPage: (message: string, headers: IncomingHttpHeaders) => ApiAnswer;
}
