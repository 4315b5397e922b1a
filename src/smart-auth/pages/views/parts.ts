/** Parts that several pages have. */
import { html, type Filling, type Html } from '../html.ts';
import { PATHS } from '../paths.ts';
import { otherThan } from '../texts/index.ts';
import type { Visit } from '../visit.ts';

export interface Form {
  readonly action: string;
  /** What its token is about. */
  readonly about: readonly string[];
  readonly hidden?: Readonly<Record<string, string | undefined>>;
}

/** A form that is sent by POST, with the token that shows it is ours. */
export const form = (visit: Visit, { action, about, hidden = {} }: Form, content: Filling): Html =>
  html`<form method="post" action="${action}">
    ${hiddenFields({ token: visit.token(about), ui_locales: visit.language, ...hidden })}${content}
  </form>`;

const hiddenFields = (fields: Readonly<Record<string, string | undefined>>): Html[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [html`<input type="hidden" name="${name}" value="${value}" /> `],
  );

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly value?: string | undefined;
  readonly autocomplete: string;
  readonly inputmode?: 'numeric' | 'email' | 'text';
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly isRequired?: true;
  readonly hasFocus?: boolean;
}

/** What is wrong with it and how it is meant are tied to the field, so that they are read out with it. */
export function field({ name, label, type = 'text', value, autocomplete, inputmode, hint, error, isRequired, hasFocus }: Field): Html {
  const told = [hint === undefined ? '' : `${name}-hint`, error === undefined ? '' : `${name}-error`].filter((id) => id !== '').join(' ');
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${hint !== undefined && html`<span class="hint" id="${name}-hint">${hint}</span>`}
    ${error !== undefined && html`<span class="error" id="${name}-error">${error}</span>`}
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${value ?? ''}"
      autocomplete="${autocomplete}"
      maxlength="500"
      autocapitalize="none"
      spellcheck="false"
      ${inputmode !== undefined && html` inputmode="${inputmode}"`}${isRequired && html` required`}
      ${told !== '' && html` aria-describedby="${told}"`}${error !== undefined && html` aria-invalid="true"`}${hasFocus && html` autofocus`}
    />
  </div> `;
}

export const submit = (label: string): Html => html`<div class="buttons"><button class="button" type="submit">${label}</button></div>`;

export const alert = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<p class="alert error" role="alert">${text}</p> `;

export const note = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<p class="note" role="status">${text}</p> `;

/** An app is shown by its name's first letter: a picture from elsewhere would tell there who looks at this page. */
export const appSign = (name: string, text: string): Html =>
  html`<div class="app">
    <span class="sign" aria-hidden="true">${firstLetter(name)}</span>
    <p>${text}</p>
  </div> `;

const firstLetter = (name: string): string => {
  const [first] = new Intl.Segmenter().segment(name.trim());
  return first?.segment.toUpperCase() ?? '?';
};

/** The path of one of our pages, with parameters that are there. */
export function pathOf(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(Object.entries(parameters).filter((p): p is [string, string] => p[1] !== undefined)).toString();
  return query === '' ? path : `${path}?${query}`;
}

/** Where one signs in: for an app's request, or for the list of allowed apps. */
export const signInPath = ({ language }: Visit, tx: string | undefined): string =>
  pathOf(tx === undefined ? PATHS.apps : PATHS.login, { tx, ui_locales: language });

/** The page anew in the other language. */
export function languageLink({ language, say }: Visit, href: string): Html {
  const other = otherThan(language);
  const to = `${href}${href.includes('?') ? '&' : '?'}lang=${other}`;
  return html`<a class="language" href="${to}" hreflang="${other}" lang="${other}">${say('language.other')}</a>`;
}

/** For a page that answers a form: a form of its own, so that Enter in the other one never presses this button. */
export function languageForm(visit: Visit, sent: Form): Html {
  const other = otherThan(visit.language);
  const button = html`<button class="language" name="lang" value="${other}" lang="${other}">${visit.say('language.other')}</button>`;
  return form(visit, sent, button);
}
