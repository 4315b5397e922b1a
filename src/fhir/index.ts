/** The public surface of the FHIR server. */
import { bundleRoutes } from './interactions/bundle/index.ts';
import type { FhirDeps } from './interactions/deps.ts';
import { createRouter, type Dispatch, type Route } from './interactions/router.ts';
import { interactionRoutes } from './interactions/routes.ts';
import { everythingRoutes } from './operations/everything/index.ts';

export { DEFAULT_LIMITS, type FhirDeps, type Limits } from './interactions/deps.ts';
export type { FhirRequest, FhirResponse, RequestContext } from './interactions/message.ts';
export type { Dispatch, Route } from './interactions/router.ts';

/** All interactions of R4, batch and transaction, and operations. */
export const fhirRoutes = (): Route[] => [...interactionRoutes(), ...bundleRoutes(), ...everythingRoutes()];

/** Those, and the routes given. */
export function createFhir(deps: FhirDeps, routes: readonly Route[] = []): Dispatch {
  return createRouter(deps, [...fhirRoutes(), ...routes]);
}
