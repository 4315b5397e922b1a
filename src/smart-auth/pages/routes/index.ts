/** The pages as routes. All are open: who asks is told by the browser's cookie, which only the pages know. */
import { Type } from 'typebox';
import { route, type ApiAnswer, type Route } from '../../../api/route.ts';
import type { PageDeps } from '../deps.ts';
import { PATHS } from '../paths.ts';
import { STYLE, STYLE_PATH } from '../style.ts';
import { visitOf, type Visit } from '../visit.ts';
import { showApps, takeRevocation, takeSignOut } from './apps.ts';
import { showConsent, takeDecision } from './decide.ts';
import { FIELDS, PAGE, PAGES, TX, WISHES, type Fields } from './fields.ts';
import { guarded } from './guarded.ts';
import { showPatients, takePatient } from './patient.ts';
import { showLogin, takeClinic, takeCode, takePassword } from './sign-in.ts';

const OPEN = { open: 'people sign in here; a cookie of these pages alone tells who it is from then on' };

export function pageRoutes(deps: PageDeps): Route[] {
  return [...shown(deps), ...taken(deps), styleRoute()];
}

const SHOWN = Type.Object({
  ...WISHES,
  ...TX,
  patient: Type.Optional(Type.String({ maxLength: 64 })),
  clinic: Type.Optional(Type.String({ maxLength: 64 })),
  done: Type.Optional(Type.String({ maxLength: 20 })),
});

function shown(deps: PageDeps): Route[] {
  const page = (
    path: string,
    summary: string,
    audit: Route['audit'],
    handle: (visit: Visit, query: Type.Static<typeof SHOWN>) => Promise<ApiAnswer>,
  ): Route =>
    route({
      method: 'GET',
      path,
      summary,
      tag: PAGES,
      rule: OPEN,
      query: SHOWN,
      answers: { 200: PAGE, 303: null, 410: PAGE, 500: PAGE, 503: PAGE },
      audit,
      handle: (call) => {
        const visit = visitOf(call, call.query);
        return guarded(deps, visit, () => handle(visit, call.query));
      },
    });
  return [
    page(PATHS.login, 'The page to sign in for an app', null, (visit, { tx }) => showLogin(deps, visit, tx)),
    page(PATHS.consent, 'The page to allow or refuse an app', 'rest', (visit, { tx, patient }) => showConsent(deps, visit, tx, patient)),
    page(PATHS.patient, 'The page to choose a patient for an app', 'rest', (visit, { tx }) => showPatients(deps, visit, tx)),
    page(PATHS.apps, 'The page of the apps that a person allowed', 'rest', (visit, query) => showApps(deps, visit, query)),
  ];
}

function taken(deps: PageDeps): Route[] {
  const form = (
    path: string,
    summary: string,
    audit: Route['audit'],
    handle: (deps: PageDeps, visit: Visit, fields: Fields) => Promise<ApiAnswer>,
  ): Route =>
    route({
      method: 'POST',
      path,
      summary,
      tag: PAGES,
      rule: OPEN,
      body: FIELDS,
      bodyType: 'application/x-www-form-urlencoded',
      answers: { 200: PAGE, 303: null, 400: PAGE, 403: PAGE, 410: PAGE, 500: PAGE, 503: PAGE },
      audit,
      replayable: false,
      handle: (call) => {
        const visit = visitOf(call, call.body);
        return guarded(deps, visit, () => handle(deps, visit, call.body));
      },
    });
  return [
    form(PATHS.login, 'Takes in e-mail address and password', 'login', takePassword),
    form(PATHS.secondFactor, 'Takes in the code of the second factor', 'login', takeCode),
    form(PATHS.clinic, 'Takes in the choice of a clinic', 'login', takeClinic),
    form(PATHS.patient, 'Searches patients, and takes in the choice of one', 'rest', takePatient),
    form(PATHS.consent, 'Takes in what the app is allowed', 'token', takeDecision),
    form(PATHS.apps, 'Takes access away from an app', 'token', takeRevocation),
    form(PATHS.signOut, 'Signs the browser out', 'login', takeSignOut),
  ];
}

const styleRoute = (): Route =>
  route({
    method: 'GET',
    path: STYLE_PATH,
    summary: 'How the pages look',
    tag: PAGES,
    rule: OPEN,
    query: Type.Object({}),
    answers: { 200: 'text/css' },
    audit: null,
    handle: async () => ({
      status: 200,
      headers: { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'public, max-age=300', 'X-Content-Type-Options': 'nosniff' },
      body: STYLE,
    }),
  });
