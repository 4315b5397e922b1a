/** Expands the value sets that R4 binds as required, where the definitions themselves list all their codes. */
import type { CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';
import type { CodeSetModel } from '../../src/fhir/model/types.ts';
import { CURRENCIES } from './currencies.ts';

const ISO_4217 = 'urn:iso:std:iso:4217';

type Terminology = { valueSets: Map<string, ValueSet>; codeSystems: Map<string, CodeSystem> };

/** A value set that takes in codes kept elsewhere (MIME types, UCUM, languages) has no entry: any code passes. */
export function buildCodeSets(urls: Iterable<string>, terminology: Terminology): Record<string, CodeSetModel> {
  const sets: Record<string, CodeSetModel> = {};
  for (const url of new Set(urls)) {
    const set = expand(url, terminology);
    if (set) sets[url] = set;
  }
  return sets;
}

function expand(url: string, terminology: Terminology): CodeSetModel | undefined {
  const valueSet = terminology.valueSets.get(url);
  if (!valueSet?.compose || valueSet.compose.exclude) return undefined;
  const set: CodeSetModel = {};
  for (const include of valueSet.compose.include ?? []) {
    const part = expandInclude(include, terminology);
    if (!part) return undefined;
    for (const [system, codes] of Object.entries(part)) set[system] = [...(set[system] ?? []), ...codes];
  }
  return set;
}

function expandInclude(include: ValueSetComposeInclude, terminology: Terminology): CodeSetModel | undefined {
  if (include.filter) return undefined;
  if (include.valueSet) return include.system ? undefined : mergeAll(include.valueSet.map((url) => expand(bare(url), terminology)));
  if (!include.system) return undefined;
  if (include.concept) return { [include.system]: include.concept.map((c) => c.code) };
  if (include.system === ISO_4217) return { [ISO_4217]: CURRENCIES };
  const system = terminology.codeSystems.get(include.system);
  if (!system?.concept || system.content !== 'complete') return undefined;
  return { [include.system]: codesOf(system.concept) };
}

function mergeAll(parts: (CodeSetModel | undefined)[]): CodeSetModel | undefined {
  const merged: CodeSetModel = {};
  for (const part of parts) {
    if (!part) return undefined;
    for (const [system, codes] of Object.entries(part)) merged[system] = [...(merged[system] ?? []), ...codes];
  }
  return merged;
}

const bare = (url: string): string => url.split('|')[0] as string;
const codesOf = (concepts: readonly CodeSystemConcept[]): string[] =>
  concepts.flatMap((c) => [...(isHeading(c) ? [] : [c.code]), ...codesOf(c.concept ?? [])]);

/** A concept that only groups others can't be chosen: https://hl7.org/fhir/R4/codesystem-concept-properties.html#concept-properties-notSelectable */
const isHeading = (concept: CodeSystemConcept): boolean =>
  (concept.property ?? []).some((p) => (p.code === 'notSelectable' || p.code === 'abstract') && p.valueBoolean === true);
