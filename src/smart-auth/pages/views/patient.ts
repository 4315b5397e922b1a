/** The choice of the patient whom an app is opened for. */
import { dateInWords } from '../dates.ts';
import type { PatientLine } from '../deps.ts';
import { html, type Html } from '../html.ts';
import type { Page } from '../page.ts';
import { PATHS } from '../paths.ts';
import type { Visit } from '../visit.ts';
import { alert, appSign, field, form, languageLink, pathOf, submit } from './parts.ts';

export interface PatientView {
  readonly tx: string;
  readonly account: string;
  readonly app: string;
  readonly name?: string | undefined;
  readonly birthDate?: string | undefined;
  readonly error?: string | undefined;
  readonly nameError?: string | undefined;
  readonly dateError?: string | undefined;
  /** Absent before the first search. */
  readonly found?: { readonly patients: readonly PatientLine[]; readonly next?: string };
}

export const aboutPatient = (tx: string, account: string): readonly string[] => ['patient', tx, account];

/** Names are sent by POST, so that none of them stands in an address. */
export function patientPage(visit: Visit, view: PatientView): Page {
  const { say, language } = visit;
  const { tx, app, found } = view;
  const sent = { action: PATHS.patient, about: aboutPatient(tx, view.account), hidden: { tx } };
  const refuse = html`<div class="buttons">
    <button class="button plain" name="decision" value="deny" formnovalidate>${say('consent.deny')}</button>
  </div>`;
  return {
    title: say('patient.title'),
    language: languageLink(visit, pathOf(PATHS.patient, { tx })),
    main: html`${alert(view.error)}${appSign(app, say('patient.explain', { app }))}${form(
        visit,
        sent,
        html`${searchFields(visit, view)}${found && results(visit, found)}${refuse}`,
      )}
      <p class="muted"><a class="link" href="${pathOf(PATHS.login, { tx, ui_locales: language })}">${say('consent.other-person')}</a></p>`,
  };
}

const searchFields = ({ say }: Visit, { name, birthDate, nameError, dateError, found }: PatientView): Html =>
  html`${field({
    name: 'name',
    label: say('patient.name'),
    value: name,
    autocomplete: 'off',
    hint: say('patient.name-hint'),
    error: nameError,
    hasFocus: !found && dateError === undefined,
  })}${field({
    name: 'birthDate',
    label: say('patient.birth-date'),
    value: birthDate,
    autocomplete: 'off',
    inputmode: 'text',
    hint: say('patient.birth-date-hint'),
    error: dateError,
    hasFocus: dateError !== undefined,
  })}${submit(say('patient.search'))}`;

function results({ say, language }: Visit, { patients, next }: NonNullable<PatientView['found']>): Html {
  if (patients.length === 0) return html`<p class="note" role="status">${say('patient.none')}</p>`;
  const choice = ({ id, name, birthDate }: PatientLine): Html =>
    html`<li>
      <button class="button plain" name="pick" value="${id}">
        ${name === '' ? say('patient.no-name') : name}${
          birthDate !== undefined && html` <span>${say('patient.born', { date: dateInWords(language, birthDate) })}</span>`
        }
      </button>
    </li> `;
  return html`<h2>${say('patient.found')}</h2>
    <ul class="choices">
      ${patients.map(choice)}
    </ul>
    ${next !== undefined && html`<div class="buttons"><button class="button plain" name="after" value="${next}">${say('patient.more')}</button></div>`}`;
}
