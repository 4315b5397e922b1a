/** Choosing a password by a link that was sent, and asking for such a link. */
import { html, type Html } from '../html.ts';
import type { Page } from '../page.ts';
import { passwordPath, PATHS } from '../paths.ts';
import type { Visit } from '../visit.ts';
import { alert, field, form, languageLink, note, pathOf, signInPath, submit } from './parts.ts';

export interface PasswordView {
  readonly token: string;
  readonly email: string;
  /** How many characters a password has at least. */
  readonly least: number;
  readonly error?: string | undefined;
  readonly passwordError?: string | undefined;
  readonly againError?: string | undefined;
}

export const aboutPassword = (token: string): readonly string[] => ['password', token];
export const aboutForgot = (tx: string | undefined): readonly string[] => ['forgot', tx ?? ''];

/** Typed twice: without scripts nobody sees what they type. */
export function passwordPage(visit: Visit, { token, email, least, error, passwordError, againError }: PasswordView): Page {
  const { say } = visit;
  const chosen = { type: 'password', autocomplete: 'new-password', isRequired: true } as const;
  const fields = html`${field({
    ...chosen,
    name: 'password',
    label: say('password.new'),
    hint: say('password.hint', { least }),
    error: passwordError,
    hasFocus: againError === undefined,
  })}${field({ ...chosen, name: 'again', label: say('password.again'), error: againError, hasFocus: againError !== undefined })}`;
  const sent = { action: PATHS.password, about: aboutPassword(token), hidden: { link: token } };
  return {
    title: say('password.title'),
    language: languageLink(visit, passwordPath(token)),
    main: html`${alert(error)}
      <p>${say('password.for', { email })}</p>
      ${form(visit, sent, html`${fields}${submit(say('password.submit'))}`)}`,
  };
}

export const passwordSetPage = (visit: Visit): Page => ({
  title: visit.say('password.set'),
  language: languageLink(visit, pathOf(PATHS.password, { done: 'set' })),
  main: html`<p>${visit.say('password.set-hint')}</p>
    <div class="buttons">${buttonTo(signInPath(visit, undefined), visit.say('login.submit'))}</div>`,
});

export const linkEndedPage = (visit: Visit): Page => ({
  title: visit.say('error.title'),
  main: html`<p class="alert" role="alert">${visit.say('password.ended')}</p>
    <p>${visit.say('password.ended-hint')}</p>
    <div class="buttons">${buttonTo(pathOf(PATHS.forgotPassword, { ui_locales: visit.language }), visit.say('password.ask'))}</div>`,
});

export interface ForgotView {
  /** The app's request that goes on afterwards. */
  readonly tx: string | undefined;
  readonly email?: string;
  readonly error?: string;
  readonly emailError?: string;
}

export function forgotPage(visit: Visit, { tx, email, error, emailError }: ForgotView): Page {
  const { say } = visit;
  const address = field({
    name: 'email',
    label: say('login.email'),
    type: 'email',
    value: email,
    autocomplete: 'username',
    inputmode: 'email',
    error: emailError,
    isRequired: true,
    hasFocus: true,
  });
  const sent = { action: PATHS.forgotPassword, about: aboutForgot(tx), hidden: { tx } };
  return {
    title: say('forgot.title'),
    language: languageLink(visit, pathOf(PATHS.forgotPassword, { tx })),
    main: html`${alert(error)}
      <p>${say('forgot.explain')}</p>
      ${form(visit, sent, html`${address}${submit(say('forgot.submit'))}`)}${back(visit, tx)}`,
  };
}

/** Says the same of every address. */
export const forgotSentPage = (visit: Visit, tx: string | undefined, minutes: number): Page => ({
  title: visit.say('forgot.title'),
  language: languageLink(visit, pathOf(PATHS.forgotPassword, { tx, done: 'sent' })),
  main: html`${note(visit.say('forgot.sent', { minutes }))}
    <p>${visit.say('forgot.sent-hint')}</p>
    <div class="buttons">${buttonTo(pathOf(PATHS.forgotPassword, { tx, ui_locales: visit.language }), visit.say('forgot.again'))}</div>
    ${back(visit, tx)}`,
});

const back = (visit: Visit, tx: string | undefined): Html =>
  html`<a class="link" href="${signInPath(visit, tx)}">${visit.say('forgot.back')}</a>`;

const buttonTo = (href: string, label: string): Html => html`<a class="button" href="${href}">${label}</a>`;
