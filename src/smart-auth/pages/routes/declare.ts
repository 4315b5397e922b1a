/** How pages and their forms are declared. All are open: who asks is told by the browser's cookie, which only the pages know. */
import { Type } from 'typebox';
import { route, type ApiAnswer, type Route } from '../../../api/route.ts';
import type { PageDeps } from '../deps.ts';
import { visitOf, type Visit } from '../visit.ts';
import { FIELDS, PAGE, PAGES, TX, WISHES, type Fields } from './fields.ts';
import { guarded } from './guarded.ts';

export const OPEN = { open: 'people sign in here; a cookie of these pages alone tells who it is from then on' };

const SHOWN = Type.Object({
  ...WISHES,
  ...TX,
  patient: Type.Optional(Type.String({ maxLength: 64 })),
  clinic: Type.Optional(Type.String({ maxLength: 64 })),
  done: Type.Optional(Type.String({ maxLength: 20 })),
  token: Type.Optional(Type.String({ maxLength: 4000 })),
});

export type Show = (visit: Visit, query: Type.Static<typeof SHOWN>) => Promise<ApiAnswer>;

interface Declared<Handle> extends Pick<Route, 'path' | 'summary' | 'audit'> {
  readonly handle: Handle;
}

export const pageRoute = (deps: PageDeps, { handle, ...declared }: Declared<Show>): Route =>
  route({
    ...declared,
    method: 'GET',
    tag: PAGES,
    rule: OPEN,
    query: SHOWN,
    answers: { 200: PAGE, 303: null, 410: PAGE, 500: PAGE, 503: PAGE },
    handle: (call) => {
      const visit = visitOf(call, call.query);
      return guarded(deps, visit, () => handle(visit, call.query));
    },
  });

export const formRoute = (deps: PageDeps, { handle, ...declared }: Declared<(visit: Visit, fields: Fields) => Promise<ApiAnswer>>): Route =>
  route({
    ...declared,
    method: 'POST',
    tag: PAGES,
    rule: OPEN,
    body: FIELDS,
    bodyType: 'application/x-www-form-urlencoded',
    answers: { 200: PAGE, 303: null, 400: PAGE, 403: PAGE, 410: PAGE, 422: PAGE, 423: PAGE, 429: PAGE, 500: PAGE, 503: PAGE },
    replayable: false,
    handle: (call) => {
      const visit = visitOf(call, call.body);
      return guarded(deps, visit, () => handle(visit, call.body));
    },
  });
