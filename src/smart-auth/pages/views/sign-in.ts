/** Signing in: password, second factor, choice of clinic. */
import type { OpenPlace } from '../deps.ts';
import { html } from '../html.ts';
import type { Page } from '../page.ts';
import { PATHS } from '../paths.ts';
import type { Visit } from '../visit.ts';
import { alert, appSign, field, form, languageForm, languageLink, note, pathOf, signInPath, submit, type Form } from './parts.ts';

/** What a sign-in is for: an app's request, or the list of allowed apps. */
export interface Purpose {
  readonly tx?: string | undefined;
  readonly app?: string;
  readonly clinic?: string;
}

export interface Login extends Purpose {
  readonly email?: string | undefined;
  readonly error?: string | undefined;
  readonly note?: string | undefined;
  readonly emailError?: string | undefined;
  readonly passwordError?: string | undefined;
}

export function loginPage(visit: Visit, { tx, app, clinic = '', email, error, emailError, passwordError, ...more }: Login): Page {
  const { say } = visit;
  const fields = html`${field({
    name: 'email',
    label: say('login.email'),
    type: 'email',
    value: email,
    autocomplete: 'username',
    inputmode: 'email',
    error: emailError,
    isRequired: true,
    hasFocus: emailError !== undefined || email === undefined,
  })}${field({
    name: 'password',
    label: say('login.password'),
    type: 'password',
    autocomplete: 'current-password',
    error: passwordError,
    isRequired: true,
    hasFocus: emailError === undefined && email !== undefined,
  })}${submit(say('login.submit'))}`;
  const forgot = pathOf(PATHS.forgotPassword, { tx, ui_locales: visit.language });
  const why = app === undefined ? html`<p>${say('login.for-apps')}</p>` : appSign(app, say('login.for-app', { app, clinic }));
  return {
    title: say('login.title'),
    language: languageLink(visit, pathOf(tx === undefined ? PATHS.apps : PATHS.login, { tx })),
    main: html`${alert(error)}${note(more.note)}${why}${form(visit, { action: PATHS.login, about: ['login', tx ?? ''], hidden: { tx } }, fields)}<a
        class="link"
        href="${forgot}"
        >${say('login.forgot')}</a
      >`,
  };
}

export interface Step extends Purpose {
  readonly ticket: string;
}

export function secondFactorPage(visit: Visit, { tx, ticket }: Step, error?: string): Page {
  const { say } = visit;
  const sent: Form = { action: PATHS.secondFactor, about: ['second-factor', tx ?? ''], hidden: { tx, ticket } };
  const code = field({
    name: 'code',
    label: say('second-factor.code'),
    autocomplete: 'one-time-code',
    // Recovery codes have letters.
    inputmode: 'text',
    hint: say('second-factor.explain'),
    error,
    isRequired: true,
    hasFocus: true,
  });
  const restart = signInPath(visit, tx);
  return {
    title: say('second-factor.title'),
    language: languageForm(visit, sent),
    main: html`${form(visit, sent, html`${code}${submit(say('second-factor.submit'))}`)}<a class="link" href="${restart}"
        >${say('second-factor.restart')}</a
      >`,
  };
}

export function clinicPage(visit: Visit, { tx, ticket }: Step, places: readonly OpenPlace[]): Page {
  const { say } = visit;
  const sent: Form = { action: PATHS.clinic, about: ['clinic', tx ?? ''], hidden: { tx, ticket } };
  const choice = ({ clinic, clinicName }: OpenPlace) =>
    html`<li><button class="button plain" name="clinic" value="${clinic}">${clinicName}</button></li> `;
  return {
    title: say('clinic.title'),
    main: html`<p>${say('clinic.explain')}</p>
      ${form(
        visit,
        sent,
        html`<ul class="choices">
          ${places.map(choice)}
        </ul>`,
      )}`,
  };
}
