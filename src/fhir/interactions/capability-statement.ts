/** https://hl7.org/fhir/R4/capabilitystatement.html, from the table of routes and the registry of search parameters. */
import type { JsonObject } from '../model/json.ts';
import { PATCH_FORMATS } from './patch-document.ts';
import type { SearchParameter } from '../search/registry.ts';
import type { FhirDeps } from './deps.ts';
import { inSlices } from './slices.ts';
import { isReadOnly } from './read-only.ts';
import type { InteractionCode, Route } from './router.ts';

type StatementDeps = Pick<FhirDeps, 'definitions' | 'registry' | 'clock'>;

const FORMATS = ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'];

/** The statement in two parts: what depends on the base URL, and the rest, which is large. Joined they are its text. */
export interface StatementText {
  readonly head: (baseUrl: string) => Uint8Array;
  readonly rest: Uint8Array;
}

/** Made in slices: it has some 700 kB. */
export async function createStatement(deps: StatementDeps, routes: readonly Route[]): Promise<StatementText> {
  const resources = await resourcesOf(deps, routes);
  const system = systemOf(deps, routes);
  const tail = JSON.stringify(system).slice(1);
  const date = new Date(deps.clock.now()).toISOString();
  return {
    head: (baseUrl) => Buffer.from(JSON.stringify(headOf(date, baseUrl)).slice(0, -1)),
    rest: Buffer.from(`,"rest":[{"mode":"server","resource":[${resources.join()}],${tail}]}`),
  };
}

const headOf = (date: string, baseUrl: string): JsonObject => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date,
  kind: 'instance',
  software: { name: 'Nadi' },
  implementation: { description: 'Nadi, a FHIR R4 server for clinics', url: baseUrl },
  fhirVersion: '4.0.1',
  format: FORMATS,
  patchFormat: [...PATCH_FORMATS],
});

function systemOf(deps: StatementDeps, routes: readonly Route[]): JsonObject {
  const system = routes.filter((r) => !r.pattern.startsWith(':type'));
  return {
    ...(routes.some((r) => r.interactions.includes('search-compartment')) ? { compartment: compartmentsOf(deps) } : {}),
    interaction: interactionsOf(system, (code) => code === 'transaction' || code === 'batch' || code.endsWith('-system')),
  };
}

/** Several routes may serve one operation, too. */
function operationsOf(routes: readonly Route[], type: string): JsonObject {
  const served = routes.flatMap(({ operation }) => {
    const definition = operation?.definitions[type];
    return operation && definition !== undefined ? [[operation.name, definition] as const] : [];
  });
  return served.length === 0 ? {} : { operation: [...new Map(served)].map(([name, definition]) => ({ name, definition })) };
}

const compartmentsOf = ({ definitions }: StatementDeps): string[] =>
  Object.keys(definitions.compartments).map((type) => `http://hl7.org/fhir/CompartmentDefinition/${type.toLowerCase()}`);

/** Several routes may serve one interaction: it is listed once. */
function interactionsOf(routes: readonly Route[], listed: (code: InteractionCode) => boolean): JsonObject[] {
  const codes = new Set(routes.flatMap((r) => r.interactions).filter(listed));
  return [...codes].map((code) => ({ code }));
}

/** One text for each type. */
function resourcesOf(deps: StatementDeps, routes: readonly Route[]): Promise<string[]> {
  const typed = routes.filter((r) => r.pattern.startsWith(':type'));
  const policy = { referencePolicy: ['literal', 'logical'] };
  const common = { interaction: interactionsOf(typed, isOfType), ...conditionsOf(typed), ...policy };
  const readOnly = { interaction: interactionsOf(typed, (code) => isOfType(code) && !WRITING.has(code)), readHistory: true, ...policy };
  const referring = referrers(deps);
  return inSlices([...deps.definitions.resourceTypes], (type) => {
    const profile = `http://hl7.org/fhir/StructureDefinition/${type}`;
    return JSON.stringify({
      type,
      profile,
      ...(isReadOnly(type) ? readOnly : common),
      ...operationsOf(typed, type),
      ...searchesOf(deps, type, referring.get(type) ?? []),
    });
  });
}

const WRITING: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete']);
const isOfType = (code: InteractionCode): boolean => code !== 'operation' && code !== 'search-compartment';

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

function searchesOf(deps: StatementDeps, type: string, referring: readonly string[]): JsonObject {
  const parameters = deps.registry.all(type);
  const references = parameters.filter((p) => p.type === 'reference');
  return {
    searchInclude: ['*', ...references.map((p) => `${type}:${p.code}`)],
    searchRevInclude: ['*', ...referring],
    searchParam: parameters.filter((p) => p.type !== 'special').map(searchParam),
  };
}

const searchParam = ({ code, url, type }: SearchParameter): JsonObject => ({ name: code, definition: url, type });

/** `Type:parameter` by the type that it may refer to. A parameter without targets may refer to any: it isn't listed. */
function referrers(deps: StatementDeps): ReadonlyMap<string, string[]> {
  const byTarget = new Map<string, string[]>();
  for (const type of deps.definitions.resourceTypes) {
    for (const parameter of deps.registry.all(type)) {
      for (const target of parameter.targets ?? []) listOf(byTarget, target).push(`${type}:${parameter.code}`);
    }
  }
  return byTarget;
}

function listOf(lists: Map<string, string[]>, key: string): string[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const made: string[] = [];
  lists.set(key, made);
  return made;
}
