/** Choosing a password by a link, and asking for one: the same rules as `/auth/reset-password` and `/auth/forgot-password`. */
import type { ApiAnswer } from '../../../api/route.ts';
import { FhirError } from '../../../fhir/outcome/error.ts';
import { RESET_MINUTES } from '../../accounts/credentials.ts';
import { BadPassword, MAX_PASSWORD, MIN_PASSWORD } from '../../accounts/passwords/rules.ts';
import type { PageDeps } from '../deps.ts';
import { onTo, pageAnswer } from '../page.ts';
import { PATHS } from '../paths.ts';
import { pathOf } from '../views/parts.ts';
import { aboutForgot, aboutPassword, forgotPage, forgotSentPage, linkEndedPage, passwordPage, passwordSetPage } from '../views/password.ts';
import type { PasswordView } from '../views/password.ts';
import type { Visit } from '../visit.ts';
import type { Fields } from './fields.ts';
import { troubleAnswer } from './guarded.ts';
import { refusal } from './refusal.ts';

interface Asked {
  readonly token?: string | undefined;
  readonly done?: string | undefined;
}

const linkEnded = (visit: Visit): ApiAnswer => pageAnswer(visit, linkEndedPage(visit), { status: 410, audit: { reason: 'ended' } });

/** To look at the page spends nothing: programs that read mail open links before people do. */
export async function showPassword({ passwords }: PageDeps, visit: Visit, { token = '', done }: Asked): Promise<ApiAnswer> {
  if (done === 'set') return pageAnswer(visit, passwordSetPage(visit));
  const email = await passwords.addressOf(token);
  return email === undefined ? linkEnded(visit) : pageAnswer(visit, passwordPage(visit, { token, email, least: MIN_PASSWORD }));
}

export async function takeNewPassword({ passwords }: PageDeps, visit: Visit, fields: Fields): Promise<ApiAnswer> {
  const { link = '', password = '', again = '' } = fields;
  if (!visit.isOwnForm(aboutPassword(link), fields['token'] ?? '')) return troubleAnswer(visit, 'stale', 403);
  const email = await passwords.addressOf(link);
  if (email === undefined) return linkEnded(visit);
  const back = (why: Partial<PasswordView>, status: number, headers = {}): ApiAnswer => {
    const page = passwordPage(visit, { token: link, email, least: MIN_PASSWORD, ...why });
    return pageAnswer(visit, page, { status, headers, audit: { reason: 'refused' } });
  };
  if (password === '') return back({ passwordError: visit.say('skip.required') }, 400);
  if (password !== again) return back({ againError: visit.say('password.differ') }, 400);
  try {
    const account = await passwords.reset(link, password, visit.address);
    const location = pathOf(PATHS.password, { done: 'set', ui_locales: visit.language });
    return onTo(visit, visit.publicUrl + location, { audit: { account } });
  } catch (error) {
    if (error instanceof BadPassword) return back({ passwordError: flawIn(visit, error) }, error.status);
    if (error instanceof FhirError && error.kind === 'unauthenticated') return linkEnded(visit);
    const { text, status, headers } = refusal(visit, error, 'password.ended');
    return back({ error: text }, status, headers);
  }
}

const flawIn = ({ say }: Visit, { flaw }: BadPassword): string => say(`password.${flaw}`, { least: MIN_PASSWORD, most: MAX_PASSWORD });

interface AskedToSend {
  readonly tx?: string | undefined;
  readonly done?: string | undefined;
}

export async function showForgot(visit: Visit, { tx, done }: AskedToSend): Promise<ApiAnswer> {
  return pageAnswer(visit, done === 'sent' ? forgotSentPage(visit, tx, RESET_MINUTES) : forgotPage(visit, { tx }));
}

/** As short as one can be said in a sentence: whether mail arrives is not for us to tell. */
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const LONGEST_EMAIL = 254;

export async function takeForgot({ passwords }: PageDeps, visit: Visit, fields: Fields): Promise<ApiAnswer> {
  const tx = fields['tx'];
  const email = fields['email']?.trim() ?? '';
  if (!visit.isOwnForm(aboutForgot(tx), fields['token'] ?? '')) return troubleAnswer(visit, 'stale', 403);
  if (email.length > LONGEST_EMAIL || !EMAIL.test(email)) {
    const page = forgotPage(visit, { tx, email, emailError: visit.say('forgot.wrong') });
    return pageAnswer(visit, page, { status: 400, audit: { reason: 'refused' } });
  }
  try {
    await passwords.forgot(email, visit.address);
    return onTo(visit, visit.publicUrl + pathOf(PATHS.forgotPassword, { tx, done: 'sent', ui_locales: visit.language }));
  } catch (error) {
    const { text, status, headers } = refusal(visit, error, 'login.busy');
    return pageAnswer(visit, forgotPage(visit, { tx, email, error: text }), { status, headers, audit: { reason: 'refused' } });
  }
}
