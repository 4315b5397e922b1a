/** Where a person sees the apps they allowed, and takes that back. */
import type { ApiAnswer } from '../../../api/route.ts';
import { isClinicId } from '../../../fhir/model/ids.ts';
import type { AppOfPerson, PageDeps } from '../deps.ts';
import { onTo, pageAnswer } from '../page.ts';
import { PATHS } from '../paths.ts';
import { aboutApps, appsPage, type AppView } from '../views/apps.ts';
import { pathOf } from '../views/parts.ts';
import { loginPage } from '../views/sign-in.ts';
import type { Visit } from '../visit.ts';
import type { Fields } from './fields.ts';
import { troubleAnswer } from './guarded.ts';

interface Showing {
  readonly clinic?: string | undefined;
  /** What was done just now. */
  readonly done?: string | undefined;
}

export async function showApps(deps: PageDeps, visit: Visit, { clinic, done }: Showing): Promise<ApiAnswer> {
  const browser = await deps.browsers.of(visit.cookieHeader);
  if (!browser) return pageAnswer(visit, loginPage(visit, { note: done === 'signed-out' ? visit.say('apps.signed-out') : undefined }));
  const { account } = browser;
  const [person, all] = await Promise.all([deps.names.person(account), deps.grants.list(account)]);
  const only = clinic !== undefined && isClinicId(clinic) && all.some((a) => a.clinic === clinic) ? clinic : undefined;
  const apps = await Promise.all(all.filter((a) => only === undefined || a.clinic === only).map((app) => viewOf(deps, app)));
  const view = {
    account,
    person: person ?? { name: '', email: '' },
    apps,
    ...(only === undefined ? {} : { only: { id: only, name: await deps.names.clinic(only) } }),
    note: done === 'revoked' ? visit.say('apps.revoked') : undefined,
  };
  return pageAnswer(visit, appsPage(visit, view), { audit: { account } });
}

async function viewOf(deps: PageDeps, { clinic, scopes, ...app }: AppOfPerson): Promise<AppView> {
  return {
    ...app,
    clinic: { id: clinic, name: await deps.names.clinic(clinic) },
    timeZone: await deps.names.timeZone(clinic),
    lines: scopes.map(deps.lineOf),
  };
}

export async function takeRevocation(deps: PageDeps, visit: Visit, fields: Fields): Promise<ApiAnswer> {
  const account = await ownerOf(deps, visit, fields);
  if (account === undefined) return troubleAnswer(visit, 'stale', 403);
  const { app = '', at = '', clinic } = fields;
  if (isClinicId(at)) await deps.grants.revoke(account, at, app);
  const location = pathOf(PATHS.apps, { done: 'revoked', clinic, ui_locales: visit.language });
  return onTo(visit, visit.publicUrl + location, { audit: { account, client: app } });
}

export async function takeSignOut(deps: PageDeps, visit: Visit, fields: Fields): Promise<ApiAnswer> {
  const account = await ownerOf(deps, visit, fields);
  if (account === undefined) return troubleAnswer(visit, 'stale', 403);
  const cookie = await deps.browsers.end(visit.cookieHeader);
  const location = pathOf(PATHS.apps, { done: 'signed-out', ui_locales: visit.language });
  return onTo(visit, visit.publicUrl + location, { cookies: [cookie], audit: { account } });
}

/** Undefined unless the form is from the page of whoever is signed in now. */
async function ownerOf(deps: PageDeps, visit: Visit, fields: Fields): Promise<string | undefined> {
  const browser = await deps.browsers.of(visit.cookieHeader);
  return browser && visit.isOwnForm(aboutApps(browser.account), fields['token'] ?? '') ? browser.account : undefined;
}
