/** The pages as routes. */
import { Type } from 'typebox';
import { route, type ApiAnswer, type Route } from '../../../api/route.ts';
import type { PageDeps } from '../deps.ts';
import { PATHS } from '../paths.ts';
import { STYLE, STYLE_PATH } from '../style.ts';
import type { Visit } from '../visit.ts';
import { showApps, takeRevocation, takeSignOut } from './apps.ts';
import { showConsent, takeDecision } from './decide.ts';
import { formRoute, OPEN, pageRoute, type Show } from './declare.ts';
import { PAGES, type Fields } from './fields.ts';
import { showForgot, showPassword, takeForgot, takeNewPassword } from './password.ts';
import { showPatients, takePatient } from './patient.ts';
import { showLogin, takeClinic, takeCode, takePassword } from './sign-in.ts';

type Take = (deps: PageDeps, visit: Visit, fields: Fields) => Promise<ApiAnswer>;

export function pageRoutes(deps: PageDeps): Route[] {
  return [...shown(deps), ...taken(deps), styleRoute()];
}

function shown(deps: PageDeps): Route[] {
  const page = (path: string, summary: string, audit: Route['audit'], handle: Show): Route =>
    pageRoute(deps, { path, summary, audit, handle });
  return [
    page(PATHS.login, 'The page to sign in for an app', null, (visit, { tx }) => showLogin(deps, visit, tx)),
    page(PATHS.consent, 'The page to allow or refuse an app', 'rest', (visit, { tx, patient }) => showConsent(deps, visit, tx, patient)),
    page(PATHS.patient, 'The page to choose a patient for an app', 'rest', (visit, { tx }) => showPatients(deps, visit, tx)),
    page(PATHS.apps, 'The page of the apps that a person allowed', 'rest', (visit, query) => showApps(deps, visit, query)),
    page(PATHS.password, 'The page to choose a password, where links lead that were sent', null, (visit, query) =>
      showPassword(deps, visit, query),
    ),
    page(PATHS.forgotPassword, 'The page to ask for such a link', null, showForgot),
  ];
}

function taken(deps: PageDeps): Route[] {
  const form = (path: string, summary: string, audit: Route['audit'], handle: Take): Route =>
    formRoute(deps, { path, summary, audit, handle: (visit, fields) => handle(deps, visit, fields) });
  return [
    form(PATHS.login, 'Takes in e-mail address and password', 'login', takePassword),
    form(PATHS.secondFactor, 'Takes in the code of the second factor', 'login', takeCode),
    form(PATHS.clinic, 'Takes in the choice of a clinic', 'login', takeClinic),
    form(PATHS.patient, 'Searches patients, and takes in the choice of one', 'rest', takePatient),
    form(PATHS.consent, 'Takes in what the app is allowed', 'token', takeDecision),
    form(PATHS.apps, 'Takes access away from an app', 'token', takeRevocation),
    form(PATHS.signOut, 'Signs the browser out', 'login', takeSignOut),
    form(PATHS.password, 'Sets the password that was chosen', 'login', takeNewPassword),
    form(PATHS.forgotPassword, 'Sends a link to choose a password, if the address has an account', 'login', takeForgot),
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
