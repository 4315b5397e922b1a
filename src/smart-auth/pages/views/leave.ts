/**
 * The last page, on the way back to the app. It stands in between since browsers hold a form's redirects to `form-action`,
 * the app's own redirects too: https://www.w3.org/TR/CSP3/#directive-form-action. No script is needed to go on.
 */
import { html } from '../html.ts';
import type { Page } from '../page.ts';
import type { Visit } from '../visit.ts';

export interface Leave {
  readonly app: string;
  readonly returnsTo: string;
  /** The app's redirect URI with the answer. */
  readonly location: string;
  readonly isAllowed: boolean;
}

/** Schemes that run something in a page rather than lead to an app. */
const UNSAFE = /^\s*(javascript|data|vbscript|blob|file|about):/i;

/** Throws TypeError for a location that no app can have: clients with such a redirect URI are not registered. */
export function leavePage({ say }: Visit, { app, returnsTo, location, isAllowed }: Leave): Page {
  const { href } = new URL(location);
  if (UNSAFE.test(href)) throw new TypeError('a redirect URI runs something');
  return {
    title: say('leave.title', { app }),
    onward: href,
    main: html`<p>${say(isAllowed ? 'leave.allowed' : 'leave.denied', { app })}</p>
      <p class="muted">${say('leave.explain', { host: returnsTo })}</p>
      <div class="buttons"><a class="button" id="continue" href="${href}" rel="noreferrer">${say('leave.link', { app })}</a></div>`,
  };
}
