/** Signing in, step by step, for an app's request or for the list of allowed apps. */
import type { ApiAnswer } from '../../../api/route.ts';
import { triedIn } from '../../../api/tried.ts';
import { FhirError } from '../../../fhir/outcome/error.ts';
import { cookieIn, cookieText } from '../cookies.ts';
import type { Transaction } from '../../oauth/authorize/transactions.ts';
import type { PageDeps, SignInStep } from '../deps.ts';
import { onTo, pageAnswer } from '../page.ts';
import { PATHS } from '../paths.ts';
import { pathOf } from '../views/parts.ts';
import { clinicPage, loginPage, secondFactorPage, type Login, type Purpose } from '../views/sign-in.ts';
import type { Visit } from '../visit.ts';
import type { Fields } from './fields.ts';
import { troubleAnswer } from './guarded.ts';
import { refusal } from './refusal.ts';

const DEVICE_COOKIE = 'nadi-device';
const DEVICE_SECONDS = 180 * 24 * 3600;

/** What the sign-in is for; `ended` if the app's request is over. */
async function purposeOf(deps: PageDeps, visit: Visit, tx: string | undefined): Promise<Known | 'ended'> {
  if (tx === undefined || tx === '') return {};
  const transaction = await deps.transactions.transactionOf(tx, visit.cookieHeader);
  if (!transaction) return 'ended';
  return { tx, app: transaction.app.name, clinic: await deps.names.clinic(transaction.clinic), transaction };
}

interface Known extends Purpose {
  readonly transaction?: Transaction;
}

export async function showLogin(deps: PageDeps, visit: Visit, tx: string | undefined): Promise<ApiAnswer> {
  const purpose = await purposeOf(deps, visit, tx);
  if (purpose === 'ended') return troubleAnswer(visit, 'ended', 410);
  return pageAnswer(visit, loginPage(visit, { ...purpose, email: purpose.transaction?.loginHint }));
}

/** A form of ours, for a request that isn't over; or the answer that says it is neither. */
async function begun(deps: PageDeps, visit: Visit, fields: Fields, form: string): Promise<Known | { readonly answer: ApiAnswer }> {
  const tx = fields['tx'];
  if (!visit.isOwnForm([form, tx ?? ''], fields['token'] ?? '')) return { answer: troubleAnswer(visit, 'stale', 403) };
  const purpose = await purposeOf(deps, visit, tx);
  return purpose === 'ended' ? { answer: troubleAnswer(visit, 'ended', 410) } : purpose;
}

export async function takePassword(deps: PageDeps, visit: Visit, fields: Fields): Promise<ApiAnswer> {
  const purpose = await begun(deps, visit, fields, 'login');
  if ('answer' in purpose) return purpose.answer;
  const { email = '', password = '' } = fields;
  const again = (more: Partial<Login>, status: number, headers = {}, error?: unknown): ApiAnswer =>
    pageAnswer(visit, loginPage(visit, { ...purpose, email, ...more }), {
      status,
      headers,
      audit: { ...auditOf(purpose), reason: 'refused', ...triedIn(error) },
    });
  const missing = visit.say('skip.required');
  if (email.trim() === '') return again({ emailError: missing }, 400);
  if (password === '') return again({ passwordError: missing }, 400);
  try {
    const deviceToken = cookieIn(visit.publicUrl, visit.cookieHeader, DEVICE_COOKIE);
    const clinic = purpose.transaction?.clinic;
    return await proceed(
      deps,
      visit,
      purpose,
      await deps.signIn.byPassword({ email, password, clinic, address: visit.address, deviceToken }),
    );
  } catch (error) {
    const { text, status, headers } = refusal(visit, error, 'login.wrong');
    return again({ error: text }, status, headers, error);
  }
}

export async function takeCode(deps: PageDeps, visit: Visit, fields: Fields): Promise<ApiAnswer> {
  const purpose = await begun(deps, visit, fields, 'second-factor');
  if ('answer' in purpose) return purpose.answer;
  const { ticket = '', code = '' } = fields;
  const again = (error: string | undefined, status: number, headers = {}, thrown?: unknown): ApiAnswer => {
    const audit = { ...auditOf(purpose), ...(error === undefined ? {} : { reason: 'refused' }), ...triedIn(thrown) };
    return pageAnswer(visit, secondFactorPage(visit, { ...purpose, ticket }, error), { status, headers, audit });
  };
  if (fields['lang'] !== undefined) return again(undefined, 200);
  if (code.trim() === '') return again(visit.say('skip.required'), 400);
  try {
    const step = await deps.signIn.bySecondFactor({ ticket, code: code.replace(/\s/g, ''), address: visit.address });
    return await proceed(deps, visit, purpose, step);
  } catch (error) {
    if (isEnded(error)) return startAgain(visit, purpose);
    const { text, status, headers } = refusal(visit, error, 'second-factor.wrong');
    return again(text, status, headers, error);
  }
}

export async function takeClinic(deps: PageDeps, visit: Visit, fields: Fields): Promise<ApiAnswer> {
  const purpose = await begun(deps, visit, fields, 'clinic');
  if ('answer' in purpose) return purpose.answer;
  try {
    const step = await deps.signIn.byChoice({ ticket: fields['ticket'] ?? '', clinic: fields['clinic'] ?? '' });
    return await proceed(deps, visit, purpose, step);
  } catch (error) {
    if (isEnded(error)) return startAgain(visit, purpose);
    const { text, status, headers } = refusal(visit, error, 'login.wrong');
    return pageAnswer(visit, loginPage(visit, { ...purpose, error: text }), {
      status,
      headers,
      audit: { ...auditOf(purpose), reason: 'refused', ...triedIn(error) },
    });
  }
}

/** A ticket that is too old, of a password that was changed meanwhile, or none of ours. */
const isEnded = (error: unknown): boolean =>
  error instanceof FhirError && error.kind === 'unauthenticated' && error.issues[0]?.where === '/ticket';

const startAgain = (visit: Visit, purpose: Purpose): ApiAnswer =>
  pageAnswer(visit, loginPage(visit, { ...purpose, error: visit.say('second-factor.ended') }), { status: 403, audit: { reason: 'ended' } });

async function proceed(deps: PageDeps, visit: Visit, purpose: Known, step: SignInStep): Promise<ApiAnswer> {
  if (step.step === 'second-factor') {
    return pageAnswer(visit, secondFactorPage(visit, { ...purpose, ticket: step.ticket }), { audit: auditOf(purpose) });
  }
  if (step.step === 'choose-clinic') {
    return pageAnswer(visit, clinicPage(visit, { ...purpose, ticket: step.ticket }, step.places), { audit: auditOf(purpose) });
  }
  return done(deps, visit, purpose, step);
}

async function done(deps: PageDeps, visit: Visit, purpose: Known, { account, place, deviceToken }: Extract<SignInStep, { step: 'done' }>) {
  const device = cookieText(visit.publicUrl, DEVICE_COOKIE, deviceToken, { seconds: DEVICE_SECONDS, sameSite: 'Strict' });
  const audit = { ...auditOf(purpose), account: account.id, clinic: place.clinic };
  if (purpose.tx === undefined) {
    const { cookie } = await deps.browsers.start(account);
    const location = pathOf(PATHS.apps, { clinic: place.clinic, ui_locales: visit.language });
    return onTo(visit, visit.publicUrl + location, { cookies: [cookie, device], audit });
  }
  const signedIn = await deps.transactions.signedIn(purpose.tx, account);
  if (signedIn.ok) {
    return onTo(visit, `${signedIn.location}&ui_locales=${visit.language}`, { cookies: [signedIn.cookie, device], audit });
  }
  if (signedIn.reason === 'ended') return troubleAnswer(visit, 'ended', 410, audit);
  const error = visit.say(signedIn.reason === 'no-member' ? 'login.no-place' : 'login.other-person');
  return pageAnswer(visit, loginPage(visit, { ...purpose, error }), { status: 403, audit: { ...audit, reason: signedIn.reason } });
}

const auditOf = ({ transaction }: Known): NonNullable<ApiAnswer['audit']> =>
  transaction ? { clinic: transaction.clinic, client: transaction.app.clientId } : {};
