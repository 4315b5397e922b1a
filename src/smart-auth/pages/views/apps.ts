/** The apps that a person has allowed. */
import { dayOf } from '../dates.ts';
import { html, type Html } from '../html.ts';
import type { Page } from '../page.ts';
import { PATHS } from '../paths.ts';
import type { ScopeLine } from '../scope-lines.ts';
import { scopeText } from '../scope-text.ts';
import type { Visit } from '../visit.ts';
import { form, languageLink, note, pathOf } from './parts.ts';

export interface AppView {
  readonly clientId: string;
  readonly name: string;
  readonly clinic: { readonly id: string; readonly name: string };
  readonly timeZone: string;
  readonly lines: readonly ScopeLine[];
  readonly since: number;
  readonly lastUsed: number;
}

export interface AppsView {
  readonly account: string;
  readonly person: { readonly name: string; readonly email: string };
  readonly apps: readonly AppView[];
  /** Only those of one clinic are shown. */
  readonly only?: { readonly id: string; readonly name: string };
  readonly note?: string | undefined;
}

export const aboutApps = (account: string): readonly string[] => ['apps', account];

export function appsPage(visit: Visit, view: AppsView): Page {
  const { say, language } = visit;
  const { apps, only, account } = view;
  const all = pathOf(PATHS.apps, { ui_locales: language });
  return {
    title: say('apps.title'),
    language: languageLink(visit, pathOf(PATHS.apps, { clinic: only?.id })),
    main: html`${note(view.note)}
      <p>${say('consent.who', view.person)}</p>
      <p>${say('apps.explain')}</p>
      ${only && html`<p>${say('apps.of-clinic', { clinic: only.name })} <a class="link" href="${all}">${say('apps.all-clinics')}</a></p>`}
      ${
        apps.length === 0
          ? html`<p class="note">${say('apps.none')}</p>`
          : html`<ul class="apps">
              ${apps.map((app) => appPart(visit, view, app))}
            </ul>`
      }
      ${form(visit, { action: PATHS.signOut, about: aboutApps(account) }, html`<div class="buttons"><button class="button plain">${say('apps.sign-out')}</button></div>`)}`,
  };
}

function appPart(visit: Visit, { account, only }: AppsView, app: AppView): Html {
  const { say, language } = visit;
  const day = (time: number): string => dayOf(language, time, app.timeZone);
  const lines = app.lines.map((line) => html`<li>${scopeText(language, say, line).text}</li> `);
  const sent = { action: PATHS.apps, about: aboutApps(account), hidden: { app: app.clientId, at: app.clinic.id, clinic: only?.id } };
  const label = say('apps.revoke-app', { app: app.name });
  return html`<li>
    <h2>${app.name}</h2>
    <p class="muted">
      ${say('apps.at', { clinic: app.clinic.name })}<br />${say('apps.since', { date: day(app.since), used: day(app.lastUsed) })}
    </p>
    <p>${say('apps.may')}</p>
    <ul>
      ${lines}
    </ul>
    ${form(visit, sent, html`<button class="button plain" aria-label="${label}">${say('apps.revoke')}</button>`)}
  </li> `;
}
