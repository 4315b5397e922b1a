/** The apps that a person allowed, for that person to see and revoke. */
import { PLATFORM } from '../accounts/records.ts';
import type { StoredRecord } from '../../records/port.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { OAuthDeps } from './deps.ts';
import { endGrant } from './grants/life.ts';
import { GRANT, type Grant } from './records.ts';

export interface AllowedApp {
  readonly clientId: string;
  readonly name: string;
  /** All scopes together that it holds at this time. */
  readonly scope: string;
  readonly since: string;
  readonly lastUsed: string;
}

const PAGE = 200;

async function grantsOf({ records }: Pick<OAuthDeps, 'records'>, account: string, clinic: ClinicId): Promise<StoredRecord<Grant>[]> {
  const grants: StoredRecord<Grant>[] = [];
  let after = '';
  for (;;) {
    const page = await records.list(GRANT, PLATFORM, { by: { name: 'account', value: account }, after, limit: PAGE });
    grants.push(...page.filter(({ value }) => value.clinic === clinic && value.scope !== ''));
    if (page.length < PAGE) return grants;
    after = page.at(-1)?.id ?? after;
  }
}

export async function allowedApps(deps: OAuthDeps, account: string, clinic: ClinicId): Promise<AllowedApp[]> {
  const byClient = Map.groupBy(await grantsOf(deps, account, clinic), ({ value }) => value.clientId);
  return Promise.all([...byClient].map(([clientId, grants]) => appOf(deps, clientId, grants)));
}

async function appOf({ clients }: OAuthDeps, clientId: string, grants: readonly StoredRecord<Grant>[]): Promise<AllowedApp> {
  const values = grants.map(({ value }) => value);
  return {
    clientId,
    name: (await clients.active(clientId))?.name ?? clientId,
    scope: [...new Set(values.flatMap(({ scope }) => scope.split(' ')))].join(' '),
    since: new Date(Math.min(...values.map((v) => v.createdAt))).toISOString(),
    lastUsed: new Date(Math.max(...values.map((v) => v.usedAt))).toISOString(),
  };
}

/** Resolves to whether there was anything to revoke. */
export async function revokeApp(deps: OAuthDeps, account: string, clinic: ClinicId, clientId: string): Promise<boolean> {
  const grants = (await grantsOf(deps, account, clinic)).filter(({ value }) => value.clientId === clientId);
  for (const { id } of grants) await endGrant(deps, id);
  return grants.length > 0;
}
