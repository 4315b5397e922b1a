/** What the pages show of people, clinics, browsers and allowed apps, from the records of the parts that own them. */
import type { StoredRecord } from '../../records/port.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import { ACCOUNT, CLINIC, PLACE, PLATFORM, type Clinic, type Place } from '../accounts/records.ts';
import { allowedApps, revokeApp } from '../oauth/apps.ts';
import { browserOf, endBrowserSession, startBrowserSession } from '../oauth/browser-session.ts';
import type { OAuthDeps } from '../oauth/deps.ts';
import type { AppOfPerson, Browsers, Grants, Names } from './deps.ts';

export const createBrowsers = (deps: Pick<OAuthDeps, 'records' | 'clock' | 'publicUrl'>): Browsers => ({
  start: (account) => startBrowserSession(deps, account),
  of: (cookieHeader) => browserOf(deps, cookieHeader),
  end: (cookieHeader) => endBrowserSession(deps, cookieHeader),
});

export function createNames({ records }: Pick<OAuthDeps, 'records'>): Names {
  const clinicOf = async (clinic: ClinicId): Promise<Clinic | undefined> => (await records.get(CLINIC, PLATFORM, clinic))?.value;
  return {
    person: async (account) => (await records.get(ACCOUNT, PLATFORM, account))?.value,
    clinic: async (clinic) => (await clinicOf(clinic))?.name ?? clinic,
    timeZone: async (clinic) => (await clinicOf(clinic))?.timeZone ?? 'UTC',
  };
}

export const createGrants = (deps: OAuthDeps): Grants => ({
  async list(account) {
    const places = await placesOf(deps, account);
    return (await Promise.all(places.map(({ value }) => appsIn(deps, account, value.clinic)))).flat();
  },
  revoke: (account, clinic, clientId) => revokeApp(deps, account, clinic, clientId),
});

/** More clinics than anyone works in. */
const MOST = 1000;

const placesOf = ({ records }: OAuthDeps, account: string): Promise<StoredRecord<Place>[]> =>
  records.list(PLACE, PLATFORM, { by: { name: 'account', value: account }, limit: MOST });

async function appsIn(deps: OAuthDeps, account: string, clinic: ClinicId): Promise<AppOfPerson[]> {
  const apps = await allowedApps(deps, account, clinic);
  return apps.map(({ clientId, name, scope, since, lastUsed }) => ({
    ...{ clientId, name, clinic, scopes: scope.split(' ').filter((s) => s !== '') },
    since: Date.parse(since),
    lastUsed: Date.parse(lastUsed),
  }));
}
