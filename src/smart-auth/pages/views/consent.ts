/** What an app asks for, to be allowed line by line, or refused. */
import { html, type Html } from '../html.ts';
import type { Page } from '../page.ts';
import { PATHS } from '../paths.ts';
import type { Heading, ScopeLine } from '../scope-lines.ts';
import { scopeText } from '../scope-text.ts';
import type { Visit } from '../visit.ts';
import { alert, appSign, form, languageLink, pathOf } from './parts.ts';

export interface ConsentView {
  readonly tx: string;
  readonly app: string;
  readonly clinic: string;
  readonly returnsTo: string;
  readonly account: string;
  readonly person: { readonly name: string; readonly email: string };
  readonly lines: readonly ScopeLine[];
  /** Scopes whose box is not ticked. */
  readonly unticked?: ReadonlySet<string>;
  readonly isOwn: boolean;
  /** The patient in context; `isPicked`: another one may be. */
  readonly patient?: { readonly id: string; readonly name: string | undefined; readonly isPicked: boolean };
  readonly error?: string;
}

/** The field of a scope's box. */
export const SCOPE_FIELD = 'scope ';

/** Bound to the person, too: a form that someone else left open in this browser decides nothing. */
export const aboutConsent = (tx: string, account: string): readonly string[] => ['consent', tx, account];

export function consentPage(visit: Visit, view: ConsentView): Page {
  const { say, language } = visit;
  const { tx, app, lines, patient } = view;
  const sent = { action: PATHS.consent, about: aboutConsent(tx, view.account), hidden: { tx, patient: patient?.id } };
  const isAnything = lines.length > 0;
  const content = html`${lines.some((l) => l.warns.length > 0) && html`<p class="warning">${say('consent.warning')}</p>`}
    ${HEADINGS.map((heading) => group(visit, view, heading))}
    <p class="muted">${say('consent.granted')} ${say('consent.returns', { host: view.returnsTo })}</p>
    <div class="buttons pair">
      ${isAnything && html`<button class="button" name="decision" value="allow">${say('consent.allow')}</button>`}
      <button class="button plain" name="decision" value="deny">${say('consent.deny')}</button>
    </div>`;
  const picked = patient?.isPicked ? patient.id : undefined;
  return {
    title: say('consent.title', { app }),
    language: languageLink(visit, pathOf(PATHS.consent, { tx, patient: picked })),
    main: html`${alert(view.error ?? (isAnything ? undefined : say('consent.none-left')))}${appSign(
        app,
        say('consent.lead', { app, clinic: view.clinic }),
      )}${whoPart(visit, view)}${form(visit, sent, content)}
      <p class="muted">
        ${say('consent.revoke-later')} <a href="${pathOf(PATHS.apps, { ui_locales: language })}">${say('consent.revoke-link')}</a>
      </p>`,
  };
}

const HEADINGS: readonly Heading[] = ['of-patient', 'of-everyone', 'unknown', 'identity', 'how-long'];

function titleOf({ say }: Visit, { isOwn, patient }: ConsentView, heading: Heading): string {
  if (isOwn && heading.startsWith('of-')) return say('consent.own');
  return say(`consent.${heading}`, { patient: patient?.name ?? say('consent.unknown-patient') });
}

function whoPart({ say, language }: Visit, { tx, person, patient, isOwn }: ConsentView): Html {
  const again = pathOf(PATHS.login, { tx, ui_locales: language });
  const other = pathOf(PATHS.patient, { tx, ui_locales: language });
  const name = patient && (patient.name ?? say('consent.unknown-patient'));
  return html`<p>${say('consent.who', person)}<br /><a class="link" href="${again}">${say('consent.other-person')}</a></p>
    ${
      name !== undefined &&
      !isOwn &&
      html`<p>
        <strong>${say('consent.patient', { patient: name })}</strong>${
          patient?.isPicked && html`<br /><a class="link" href="${other}">${say('consent.other-patient')}</a>`
        }
      </p>`
    }`;
}

function group(visit: Visit, view: ConsentView, heading: Heading): Html | undefined {
  const lines = view.lines.filter((l) => l.heading === heading);
  if (lines.length === 0) return undefined;
  return html`<fieldset>
    <legend>${titleOf(visit, view, heading)}</legend>
    ${heading === 'how-long' && html`<p class="muted">${visit.say('consent.once')}</p>`} ${lines.map((line) => scopeBox(visit, view, line))}
  </fieldset> `;
}

function scopeBox({ language, say }: Visit, { unticked }: ConsentView, line: ScopeLine): Html {
  const { text, detail } = scopeText(language, say, line);
  const tags = line.warns.map((w) => html`<span class="tag">${say(w === 'write' ? 'consent.write' : 'consent.everything')}</span>`);
  return html`<label class="scope"
    ><input type="checkbox" name="${SCOPE_FIELD}${line.scope}" value="on" ${!unticked?.has(line.scope) && html` checked`} />
    <span>${text}${detail !== undefined && html`<small>${detail}</small>`}${tags.length > 0 && html`<br />${tags}`}</span></label
  > `;
}
