/**
 * Random filters and random requests: a caller under a filter is answered as one to whom nothing else is stored. The
 * second clinic has only what the filter leaves, chosen here by rules in plain code.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { and, not, or, type Node } from '../../src/fhir/search/ast.ts';
import { askerOf, filterOf, refersTo, token, type Ask, type Rules } from './access/ask.ts';
import { onEachStore, type TestApp } from './harness.ts';

interface Resource {
  readonly resourceType: 'Patient' | 'Observation' | 'Encounter' | 'Organization';
  readonly id: string;
  readonly tag: string;
  readonly status: string;
  /** The number of a patient; Organization: of an Organization that it is part of. */
  readonly subject: number;
  readonly value: number;
}
type World = readonly Resource[];

const PATIENTS = 4;
const TAGS = ['a', 'b', 'c'];
const STATUSES = ['final', 'preliminary', 'amended'];
const TYPES = ['Patient', 'Observation', 'Encounter', 'Organization'] as const;
const to = (type: string, n: number): object => ({ reference: `${type}/${type.toLowerCase()}${n}` });

function bodyOf({ resourceType, id, tag, status, subject, value }: Resource): object {
  const common = { resourceType, id, meta: { tag: [{ system: 'urn:t', code: tag }] } };
  switch (resourceType) {
    case 'Patient':
      return {
        ...common,
        name: [{ family: `Rao ${tag}` }],
        identifier: [{ system: 'urn:mrn', value: id }],
        managingOrganization: to('Organization', subject),
      };
    case 'Organization':
      return { ...common, name: `House ${value}`, partOf: to('Organization', subject) };
    case 'Encounter':
      return {
        ...common,
        status: 'finished',
        class: { code: 'AMB' },
        subject: to('Patient', subject),
        serviceProvider: to('Organization', value % 2),
      };
    case 'Observation':
      return {
        ...common,
        status,
        code: { coding: [{ system: 'urn:c', code: tag }] },
        subject: to('Patient', subject),
        encounter: to('Encounter', value % 3),
        ...(value % 4 === 0 ? {} : { valueQuantity: { value, unit: 'kg' } }),
      };
  }
}

/** A filter twice: as a tree, and as what it means. */
interface Rule {
  readonly node: Node;
  readonly holds: (resource: Resource, world: World) => boolean;
}

const tagged = fc.constantFrom(...TAGS).map((tag): Rule => ({ node: token('_tag', 'urn:t', tag), holds: (r) => r.tag === tag }));
const everyone: Rule = { node: { op: 'all' }, holds: () => true };
const noone: Rule = { node: { op: 'none' }, holds: () => false };
const about = fc
  .nat(PATIENTS - 1)
  .map((n): Rule => ({ node: refersTo('subject', 'Patient', `patient${n}`), holds: (r) => r.subject === n }));
const ofPatientsWith = fc.constantFrom(...TAGS).map((tag): Rule => ({
  node: { op: 'chain', param: 'subject', type: 'Patient', where: token('_tag', 'urn:t', tag) },
  holds: (r, world) => world.some((p) => p.id === `patient${r.subject}` && p.tag === tag),
}));
const withObservation = fc.constantFrom(...STATUSES).map((status): Rule => ({
  node: { op: 'has', type: 'Observation', param: 'subject', where: { op: 'token', param: 'status', code: status } },
  holds: (r, world) => world.some((o) => o.resourceType === 'Observation' && `patient${o.subject}` === r.id && o.status === status),
}));

const composed = (leaf: fc.Arbitrary<Rule>): fc.Arbitrary<Rule> =>
  fc.oneof(
    leaf,
    leaf.map(({ node, holds }): Rule => ({ node: not(node), holds: (r, w) => !holds(r, w) })),
    fc.tuple(leaf, leaf).map(([a, b]): Rule => ({ node: or(a.node, b.node), holds: (r, w) => a.holds(r, w) || b.holds(r, w) })),
    fc.tuple(leaf, leaf).map(([a, b]): Rule => ({ node: and(a.node, not(b.node)), holds: (r, w) => a.holds(r, w) && !b.holds(r, w) })),
  );
const fixed = fc.constantFrom(everyone, noone);
const clinical = fc.oneof({ arbitrary: composed(fc.oneof(tagged, about, ofPatientsWith)), weight: 5 }, fixed);
const rules = fc.record({
  Patient: fc.oneof({ arbitrary: composed(fc.oneof(tagged, withObservation)), weight: 5 }, fixed),
  Observation: clinical,
  Encounter: clinical,
  Organization: fc.oneof(tagged, fixed),
});

const resource = (resourceType: Resource['resourceType'], n: number): fc.Arbitrary<Resource> =>
  fc.record({
    resourceType: fc.constant(resourceType),
    id: fc.constant(`${resourceType.toLowerCase()}${n}`),
    tag: fc.constantFrom(...TAGS),
    status: fc.constantFrom(...STATUSES),
    subject: fc.nat(resourceType === 'Organization' ? 1 : PATIENTS - 1),
    value: fc.nat(20),
  });
const world = fc.tuple(
  ...Array.from({ length: 2 }, (_, n) => resource('Organization', n)),
  ...Array.from({ length: PATIENTS }, (_, n) => resource('Patient', n)),
  ...Array.from({ length: 3 }, (_, n) => resource('Encounter', n)),
  ...Array.from({ length: 9 }, (_, n) => resource('Observation', n)),
);

const CRITERIA: Readonly<Record<Resource['resourceType'], readonly string[]>> = {
  Patient: [
    '_tag=urn:t|a',
    '_tag:not=urn:t|a',
    'name=rao',
    'name:contains=o%20b',
    'identifier=urn:mrn|patient1',
    '_id=patient0,patient1,patient2',
    '_has:Observation:subject:status=final',
    '_has:Observation:subject:_has:Observation:encounter:status=final',
    'organization.name=house',
    '_has:Encounter:subject:_tag=urn:t|b',
    'organization:missing=true',
    'organization:Organization.partof:Organization._tag=urn:t|a',
  ],
  Observation: [
    'status=final',
    'status:not=final',
    'subject=Patient/patient1',
    'subject:Patient._tag=urn:t|a',
    'subject:Patient.organization._tag=urn:t|b',
    'code=urn:c|a',
    'value-quantity=gt5',
    'value-quantity:missing=true',
    'code-value-quantity=urn:c|a$gt3',
    'encounter.status=finished',
    'subject:Patient._has:Encounter:subject:_tag=urn:t|a',
    '_text=x',
    'subject.name:missing=false',
    'encounter:missing=false',
  ],
  Encounter: [
    'status=finished',
    'subject:Patient.name=rao',
    '_has:Observation:encounter:status=final',
    'service-provider._tag:not=urn:t|a',
    '_tag=urn:t|c',
  ],
  Organization: [
    'name=house',
    'partof._tag=urn:t|a',
    '_has:Patient:organization:_tag=urn:t|b',
    '_has:Encounter:service-provider:subject:Patient._tag=urn:t|a',
  ],
};
const SORTS: Readonly<Record<Resource['resourceType'], readonly string[]>> = {
  Patient: ['_sort=name', '_sort=-identifier'],
  Observation: ['_sort=value-quantity', '_sort=-value-quantity,status'],
  Encounter: ['_sort=status', '_sort=-_id'],
  Organization: ['_sort=name', '_sort=-name'],
};
const CONTROLS = [
  '_count=1',
  '_count=2',
  '_count=0',
  '_total=accurate',
  '_summary=count',
  '_summary=true',
  '_elements=status',
  '_include=*',
  '_revinclude=*',
  '_include=Observation:subject&_include:iterate=Patient:organization',
  '_revinclude=Observation:subject',
  '_include:iterate=Organization:partof',
  '_revinclude=Encounter:subject&_revinclude:iterate=Observation:encounter',
  '_count=1&_total=accurate',
];

const anyType = fc.constantFrom(...TYPES);
const anyKey = anyType.chain((type) => fc.nat(8).map((n) => `${type}/${type.toLowerCase()}${n}`));
const searches = anyType.chain((type) =>
  fc
    .tuple(
      fc.subarray([...CRITERIA[type]], { maxLength: 2 }),
      fc.option(fc.constantFrom(...SORTS[type])),
      fc.option(fc.constantFrom(...CONTROLS)),
    )
    .map(
      ([criteria, sort, control]) =>
        [type, [...criteria, ...(sort === null ? [] : [sort]), ...(control === null ? [] : [control])].join('&')] as const,
    ),
);
const conditions = anyType.chain((type) =>
  fc.subarray([...CRITERIA[type]], { minLength: 1, maxLength: 2 }).map((criteria) => [type, criteria.join('&')] as const),
);
type Request = readonly [
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  headers?: Record<string, string>,
];
const patch = { resourceType: 'Parameters', parameter: [] };
const FHIR = { 'content-type': 'application/fhir+json' };

const reads: fc.Arbitrary<Request> = fc.oneof(
  searches.map(([type, query]): Request => ['GET', `${type}?${query}`]),
  searches.map(([type, query]): Request => ['GET', `Patient/patient1/${type}?${query}`]),
  fc.constantFrom(...CONTROLS).map((control): Request => ['GET', `?_type=Patient,Observation&${control}`]),
  anyKey.chain((key) => fc.constantFrom('', '/_history', '/_history/1', '/_history/2').map((rest): Request => ['GET', key + rest])),
  fc
    .tuple(anyType, fc.constantFrom('', '?_count=1', '?_count=3', '?_summary=count'))
    .map(([type, query]): Request => ['GET', `${type}/_history${query}`]),
  fc.constantFrom<Request>(
    ['GET', '_history?_count=4'],
    ['GET', 'Patient/patient0/*'],
    ['GET', 'Encounter/encounter0/*'],
    ['GET', 'Patient/$everything'],
  ),
  fc.nat(PATIENTS).map((n): Request => ['GET', `Patient/patient${n}/$everything?_count=3`]),
);
/** The caller may write nothing: what they are told is of what they see alone. */
const writes: fc.Arbitrary<Request> = fc.oneof(
  anyKey.map((key): Request => ['DELETE', key]),
  anyKey.map((key): Request => ['PATCH', key, patch, FHIR]),
  fc
    .tuple(anyKey, fc.constantFrom({}, { 'if-match': 'W/"1"' }, { 'if-match': 'W/"2"' }, { 'if-none-match': '*' }))
    .map(([key, headers]): Request => {
      const [type, id] = key.split('/') as [Resource['resourceType'], string];
      return ['PUT', key, bodyOf({ resourceType: type, id, tag: 'a', status: 'final', subject: 0, value: 1 }), headers];
    }),
  conditions.map(([type, query]): Request => ['DELETE', `${type}?${query}`]),
  conditions.map(([type, query]): Request => ['PATCH', `${type}?${query}`, patch, FHIR]),
  conditions.map(([type, query]): Request => {
    const entry = [
      { request: { method: 'DELETE', url: `${type}?${query}` } },
      { request: { method: 'GET', url: `${type}?${query}` } },
      // Of a type that no criteria ask for: a reference may mean what is written along with it, which a filter judges as well.
      {
        request: { method: 'POST', url: 'Basic' },
        resource: { resourceType: 'Basic', code: { text: 'a note' }, subject: { reference: `${type}?${query}` } },
      },
    ];
    return ['POST', '', { resourceType: 'Bundle', type: query.length % 2 === 0 ? 'batch' : 'transaction', entry }];
  }),
);
const requests = fc.array(fc.oneof({ arbitrary: reads, weight: 3 }, { arbitrary: writes, weight: 1 }), { minLength: 12, maxLength: 12 });

/** Without times, cursors and ids that were made. */
const plain = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/_cursor=[^"&]*/g, '_cursor=X')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'NEW');

/** Every page of what a request is answered with. */
async function answersTo(ask: Ask, [method, path, body, headers]: Request): Promise<string[]> {
  const answers: string[] = [];
  let url: string | undefined = path;
  while (url !== undefined && answers.length < 40) {
    const { status, headers: answered, text, json }: Awaited<ReturnType<Ask>> = await ask(method, url, body, headers);
    const { 'Last-Modified': _at, ...rest } = answered;
    answers.push(plain(JSON.stringify([status, rest]) + text));
    url = method === 'GET' ? json.link?.find((l) => l.relation === 'next')?.url : undefined;
  }
  return answers;
}

onEachStore('filter against absence', (open) => {
  let app: TestApp;
  let clinics = 0;
  beforeAll(async () => {
    app = await open();
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const clinicWith = async (resources: World): Promise<string> => {
    const clinic = `clinic${clinics++}`;
    const entry = resources.map((r) => ({ request: { method: 'PUT', url: `${r.resourceType}/${r.id}` }, resource: bodyOf(r) }));
    const all = askerOf(app)(filterOf({ '*': 'all' }), clinic);
    if (entry.length > 0) expect((await all('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
    return clinic;
  };
  const readable = (node: Node): Rules[string] => ({ read: node, search: node });

  it('answers alike', async () => {
    await fc.assert(
      fc.asyncProperty(world, rules, requests, async (resources, by, asked) => {
        const left = resources.filter((r) => by[r.resourceType].holds(r, resources));
        const filtered = askerOf(app)(
          filterOf(Object.fromEntries(TYPES.map((t) => [t, readable(by[t].node)]))),
          await clinicWith(resources),
        );
        const alone = askerOf(app)(filterOf(Object.fromEntries(TYPES.map((t) => [t, readable({ op: 'all' })]))), await clinicWith(left));
        for (const request of asked) {
          expect([request, await answersTo(filtered, request)]).toEqual([request, await answersTo(alone, request)]);
        }
      }),
      { numRuns: 15 },
    );
    expect(app.faults).toEqual([]);
  }, 240_000);
});
