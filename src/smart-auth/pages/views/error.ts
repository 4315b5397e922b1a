/** What a person is told when a page can't do what it is for. */
import { html } from '../html.ts';
import type { Page } from '../page.ts';
import type { Visit } from '../visit.ts';

export type Trouble = 'ended' | 'stale' | 'app' | 'unavailable' | 'internal';

/** `detail`: what is to be passed on, to whoever made the app or to the clinic. */
export const errorPage = ({ say }: Visit, trouble: Trouble, detail?: string): Page => ({
  title: say('error.title'),
  main: html`<p class="alert" role="alert">${say(`error.${trouble}`)}</p>
    <p>${say(`error.${trouble}-hint`)}${detail !== undefined && html` <strong>${detail}</strong>`}</p>`,
});
