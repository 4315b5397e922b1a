/** The interactions of R4 and where they are served: https://hl7.org/fhir/R4/http.html#summary */
import { capabilitiesRoute } from './capabilities.ts';
import { create } from './create.ts';
import { remove, removeMatch } from './delete.ts';
import { history } from './history.ts';
import { patch, patchMatch } from './patch.ts';
import { read } from './read.ts';
import type { Route } from './router.ts';
import { search } from './search.ts';
import { searchCompartment } from './search-compartment.ts';
import { update, updateMatch } from './update.ts';
import { vread } from './vread.ts';

/** All but batch and transaction, which come from `bundle/`. */
export function interactionRoutes(): Route[] {
  return [
    { method: 'GET', pattern: ':type/:id', interactions: ['read'], conditional: true, handle: read },
    { method: 'GET', pattern: ':type/:id/_history/:vid', interactions: ['vread'], handle: vread },
    { method: 'POST', pattern: ':type', interactions: ['create'], conditional: true, handle: create },
    { method: 'PUT', pattern: ':type/:id', interactions: ['update'], handle: update },
    { method: 'PUT', pattern: ':type', interactions: ['update'], conditional: true, handle: updateMatch },
    { method: 'PATCH', pattern: ':type/:id', interactions: ['patch'], handle: patch },
    { method: 'PATCH', pattern: ':type', interactions: ['patch'], conditional: true, handle: patchMatch },
    { method: 'DELETE', pattern: ':type/:id', interactions: ['delete'], handle: remove },
    { method: 'DELETE', pattern: ':type', interactions: ['delete'], conditional: true, handle: removeMatch },
    { method: 'GET', pattern: ':type/:id/_history', interactions: ['history-instance'], handle: history },
    { method: 'GET', pattern: ':type/_history', interactions: ['history-type'], handle: history },
    { method: 'GET', pattern: '_history', interactions: ['history-system'], handle: history },
    { method: 'GET', pattern: ':type', interactions: ['search-type'], handle: search },
    { method: 'POST', pattern: ':type/_search', interactions: ['search-type'], handle: search },
    { method: 'GET', pattern: '', interactions: ['search-system'], handle: search },
    { method: 'POST', pattern: '_search', interactions: ['search-system'], handle: search },
    { method: 'GET', pattern: ':type/:id/:member', interactions: ['search-compartment'], handle: searchCompartment },
    { method: 'POST', pattern: ':type/:id/:member/_search', interactions: ['search-compartment'], handle: searchCompartment },
    capabilitiesRoute(),
  ];
}
