/** Random records of a clinic, and random requests about them. */
import fc from 'fast-check';

export interface Resource {
  readonly resourceType: 'Patient' | 'Observation' | 'Encounter' | 'Organization';
  readonly id: string;
  readonly tag: string;
  readonly status: string;
  /** The number of a patient; Organization: of an Organization that it is part of. */
  readonly subject: number;
  readonly value: number;
}
export type World = readonly Resource[];

/** How many a world has, unless told otherwise. */
export const PATIENTS = 4;
export const TAGS = ['a', 'b', 'c'];
export const STATUSES = ['final', 'preliminary', 'amended'];
export const TYPES = ['Patient', 'Observation', 'Encounter', 'Organization'] as const;
const to = (type: string, n: number): object => ({ reference: `${type}/${type.toLowerCase()}${n}` });

export function bodyOf({ resourceType, id, tag, status, subject, value }: Resource): object {
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

/** `subjects`: how many patients are referred to. */
const resource = (resourceType: Resource['resourceType'], n: number, subjects: number): fc.Arbitrary<Resource> =>
  fc.record({
    resourceType: fc.constant(resourceType),
    id: fc.constant(`${resourceType.toLowerCase()}${n}`),
    tag: fc.constantFrom(...TAGS),
    status: fc.constantFrom(...STATUSES),
    subject: fc.nat(resourceType === 'Organization' ? 1 : subjects - 1),
    value: fc.nat(20),
  });

/** The records numbered from `first`, which may refer to the first `subjects` patients, there or not. */
export const worldFrom = (first: number, subjects: number): fc.Arbitrary<World> => {
  const some = (type: Resource['resourceType'], count: number) =>
    Array.from({ length: count }, (_, n) => resource(type, first + n, subjects));
  return fc.tuple(...some('Organization', 2), ...some('Patient', PATIENTS), ...some('Encounter', 3), ...some('Observation', 9));
};

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
export type Request = readonly [
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  headers?: Record<string, string>,
];
const patch = { resourceType: 'Parameters', parameter: [] };
const FHIR = { 'content-type': 'application/fhir+json' };

export const searched: fc.Arbitrary<Request> = searches.map(([type, query]): Request => ['GET', `${type}?${query}`]);
export const reads: fc.Arbitrary<Request> = fc.oneof(
  searched,
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
export const writes: fc.Arbitrary<Request> = fc.oneof(
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
