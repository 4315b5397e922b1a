/** https://hl7.org/fhir/R4/capabilitystatement.html, from the table of routes and the registry of search parameters. */
import type { JsonObject } from '../model/json.ts';
import { PATCH_FORMATS } from './patch-document.ts';
import type { SearchParameter } from '../search/registry.ts';
import type { FhirDeps } from './deps.ts';
import type { InteractionCode, Route } from './router.ts';

const FORMATS = ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'];

export function capabilityStatement(deps: FhirDeps, routes: readonly Route[], baseUrl: string): JsonObject {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: new Date(deps.clock.now()).toISOString(),
    kind: 'instance',
    software: { name: 'Nadi' },
    implementation: { description: 'Nadi, a FHIR R4 server for clinics', url: baseUrl },
    fhirVersion: '4.0.1',
    format: FORMATS,
    patchFormat: [...PATCH_FORMATS],
    rest: [{ mode: 'server', resource: resourcesOf(deps, routes), ...systemOf(routes) }],
  };
}

function systemOf(routes: readonly Route[]): JsonObject {
  const system = routes.filter((r) => !r.pattern.startsWith(':type'));
  return { interaction: interactionsOf(system, (code) => code === 'transaction' || code === 'batch' || code.endsWith('-system')) };
}

/** Several routes may serve one interaction: it is listed once. */
function interactionsOf(routes: readonly Route[], listed: (code: InteractionCode) => boolean): JsonObject[] {
  const codes = new Set(routes.flatMap((r) => r.interactions).filter(listed));
  return [...codes].map((code) => ({ code }));
}

function resourcesOf(deps: FhirDeps, routes: readonly Route[]): JsonObject[] {
  const typed = routes.filter((r) => r.pattern.startsWith(':type'));
  const common = {
    interaction: interactionsOf(typed, (code) => code !== 'operation'),
    ...conditionsOf(typed),
    referencePolicy: ['literal', 'logical'],
  };
  const referring = referrers(deps);
  return [...deps.definitions.resourceTypes].map((type) => ({
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...common,
    ...searchesOf(deps, type, referring.get(type) ?? []),
  }));
}

function conditionsOf(typed: readonly Route[]): JsonObject {
  const has = (code: InteractionCode, conditional: boolean): boolean =>
    typed.some((r) => r.interactions.includes(code) && (r.conditional ?? false) === conditional);
  return {
    versioning: 'versioned-update',
    readHistory: has('vread', false),
    updateCreate: has('update', false),
    conditionalCreate: has('create', true),
    conditionalRead: has('read', true) ? 'full-support' : 'not-supported',
    conditionalUpdate: has('update', true),
    conditionalDelete: has('delete', true) ? 'single' : 'not-supported',
  };
}

function searchesOf(deps: FhirDeps, type: string, referring: readonly string[]): JsonObject {
  const parameters = deps.registry.all(type);
  const references = parameters.filter((p) => p.type === 'reference');
  return {
    searchInclude: ['*', ...references.map((p) => `${type}:${p.code}`)],
    searchRevInclude: ['*', ...referring],
    searchParam: parameters.map(searchParam),
  };
}

const searchParam = ({ code, url, type }: SearchParameter): JsonObject => ({ name: code, definition: url, type });

/** `Type:parameter` by the type that it may refer to. A parameter without targets may refer to any: it isn't listed. */
function referrers(deps: FhirDeps): ReadonlyMap<string, string[]> {
  const byTarget = new Map<string, string[]>();
  for (const type of deps.definitions.resourceTypes) {
    for (const parameter of deps.registry.all(type)) {
      for (const target of parameter.targets ?? []) byTarget.set(target, [...(byTarget.get(target) ?? []), `${type}:${parameter.code}`]);
    }
  }
  return byTarget;
}
