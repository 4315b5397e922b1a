import { describe, expect, it } from '@jest/globals';
import { createLinkRewriter } from '../../../src/fhir/work/links.ts';
import { loadDefinitions } from '../../../src/fhir/model/definitions.ts';
import type { JsonObject } from '../../../src/fhir/model/json.ts';

const rewriter = createLinkRewriter(loadDefinitions());
const A = 'urn:uuid:00000000-0000-4000-8000-00000000000a';
const replace = (link: string): string | undefined => (link === A ? 'Patient/1' : undefined);

/** What is sent, and what it becomes, for each place a link may stand in. */
const CASES: readonly { name: string; resource: JsonObject; becomes: JsonObject }[] = [
  {
    name: 'a reference',
    resource: { resourceType: 'Observation', subject: { reference: A } },
    becomes: { resourceType: 'Observation', subject: { reference: 'Patient/1' } },
  },
  {
    name: 'references in lists of backbone elements',
    resource: { resourceType: 'Encounter', participant: [{ individual: { display: 'x' } }, { individual: { reference: A } }] },
    becomes: { resourceType: 'Encounter', participant: [{ individual: { display: 'x' } }, { individual: { reference: 'Patient/1' } }] },
  },
  {
    name: 'a reference in a contained resource',
    resource: { resourceType: 'Claim', contained: [{ resourceType: 'ServiceRequest', subject: { reference: A } }] },
    becomes: { resourceType: 'Claim', contained: [{ resourceType: 'ServiceRequest', subject: { reference: 'Patient/1' } }] },
  },
  {
    name: 'a reference in an extension of a primitive',
    resource: { resourceType: 'Patient', _birthDate: { extension: [{ url: 'x', valueReference: { reference: A } }] } },
    becomes: { resourceType: 'Patient', _birthDate: { extension: [{ url: 'x', valueReference: { reference: 'Patient/1' } }] } },
  },
  {
    name: 'a uri and a canonical',
    resource: { resourceType: 'PlanDefinition', library: [A], relatedArtifact: [{ url: A, resource: A }] },
    becomes: { resourceType: 'PlanDefinition', library: ['Patient/1'], relatedArtifact: [{ url: 'Patient/1', resource: 'Patient/1' }] },
  },
  {
    name: 'links in a narrative',
    resource: { resourceType: 'Patient', text: { status: 'generated', div: `<div><a href="${A}">x</a><img src='${A}'/> ${A}</div>` } },
    becomes: {
      resourceType: 'Patient',
      text: { status: 'generated', div: `<div><a href="Patient/1">x</a><img src='Patient/1'/> ${A}</div>` },
    },
  },
];

/** Places that look like a link and are none. */
const KEPT: readonly { name: string; resource: JsonObject }[] = [
  { name: 'the value of an identifier', resource: { resourceType: 'Patient', identifier: [{ system: 'urn:ietf:rfc:3986', value: A }] } },
  { name: 'a string', resource: { resourceType: 'Observation', valueString: A } },
  { name: 'the display of a reference', resource: { resourceType: 'Observation', subject: { display: A } } },
  { name: 'an element that R4 does not have', resource: { resourceType: 'Patient', unknown: { reference: A } } },
];

describe('links of a transaction', () => {
  it.each(CASES)('are replaced in $name', ({ resource, becomes }) => {
    const before = structuredClone(resource);
    expect(rewriter.rewrite(resource, replace)).toEqual(becomes);
    expect(resource).toEqual(before);
  });

  it.each(KEPT)('are not seen in $name', ({ resource }) => {
    expect(rewriter.rewrite(resource, replace)).toBe(resource);
  });
});
