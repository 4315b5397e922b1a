/**
 * What the clinics hold. Each of them has a prefix in every id, name, code and identifier: `aa` is the clinic whose people
 * ask, `bb` the other one; `nn` is nowhere, and only referred to. So a question about `bb` must be answered like that about `nn`.
 */
import type { Asked } from '../ask.ts';

export type Owner = 'aa' | 'bb' | 'nn';

export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

const ref = (reference: string): object => ({ reference });
const coded = (code: string): object => ({ coding: [{ system: 'urn:c', code }] });
const meta = (x: Owner): object => ({
  tag: [{ system: 'urn:t', code: `${x}-tag` }],
  security: [{ system: 'urn:s', code: `${x}-label` }],
  profile: [`http://${x}.example/profile`],
  source: `urn:${x}-source`,
});

export const IDENTIFIERS = 6;

/** A resource of each kind that others refer to. */
export const ownRecords = (x: Owner): Resource[] => [
  { resourceType: 'Organization', id: `${x}-house`, name: `${x}-house-name` },
  {
    ...{ resourceType: 'Patient', id: `${x}-patient`, meta: meta(x), name: [{ family: `${x}-name` }], birthDate: '1980-02-03' },
    identifier: Array.from({ length: IDENTIFIERS }, (_, i) => ({ system: 'urn:mrn', value: `${x}-mrn-${i}` })),
    managingOrganization: ref(`Organization/${x}-house`),
  },
  { resourceType: 'Patient', id: `${x}-gone` },
  { resourceType: 'Patient', id: `${x}-put`, birthDate: '1970-01-01', name: [{ family: `${x}-put-name` }] },
  { resourceType: 'Practitioner', id: `${x}-doctor`, name: [{ family: `${x}-doctor-name` }] },
  {
    ...{ resourceType: 'Encounter', id: `${x}-visit`, status: 'finished', class: { code: 'AMB' }, subject: ref(`Patient/${x}-patient`) },
    participant: [{ individual: ref(`Practitioner/${x}-doctor`) }],
  },
  {
    ...{ resourceType: 'Observation', id: `${x}-pulse`, status: 'final', code: coded(`${x}-code`), valueQuantity: { value: 70 } },
    ...{ subject: ref(`Patient/${x}-patient`), encounter: ref(`Encounter/${x}-visit`), effectiveDateTime: '2026-01-02T03:04:05Z' },
  },
  { resourceType: 'List', id: `${x}-list`, status: 'current', mode: 'working', entry: [{ item: ref(`Patient/${x}-patient`) }] },
  { resourceType: 'Binary', id: `${x}-file`, contentType: 'image/png', data: Buffer.from(`${x} picture`).toString('base64') },
];

/** What `owner` holds and `x` is referred to by, in every form that a reference has. */
export const recordsAbout = (owner: Owner, x: Owner, bases: { readonly relative: string; readonly named: string }): Resource[] => {
  const observation = (name: string, subject: object, more: object = {}): Resource => ({
    ...{ resourceType: 'Observation', id: `${owner}-${name}-${x}`, status: 'final', code: coded(`${owner}-${name}`), subject },
    ...{ effectiveDateTime: '2026-01-02T03:04:05Z', ...more },
  });
  const patient = `Patient/${x}-patient`;
  return [
    observation('about', ref(patient), { encounter: ref(`Encounter/${x}-visit`), performer: [ref(`Practitioner/${x}-doctor`)] }),
    { resourceType: 'Patient', id: `${owner}-hop-${x}`, managingOrganization: ref(`Organization/${x}-house`), link: linkTo(patient) },
    observation('hop', ref(`Patient/${owner}-hop-${x}`)),
    observation('versioned', ref(`${patient}/_history/1`)),
    observation('absolute', ref(`${bases.relative}/${patient}`)),
    observation('named', ref(`${bases.named}/${patient}`)),
    observation('contained', ref('#p'), {
      contained: [{ resourceType: 'Patient', id: 'p', managingOrganization: ref(`Organization/${x}-house`) }],
    }),
  ];
};

const linkTo = (patient: string): object[] => [{ other: ref(patient), type: 'seealso' }];

/** The same ids in both clinics. */
export const sharedRecords = (x: Owner): Resource[] => [
  { resourceType: 'Patient', id: 'shared', name: [{ family: `${x}-shared` }] },
  {
    ...{ resourceType: 'Observation', id: 'shared-pulse', status: 'final', code: coded(`${x}-code`), subject: ref('Patient/shared') },
    note: [{ text: `${x}-note` }],
  },
  { resourceType: 'Encounter', id: 'shared-visit', status: 'finished', class: { code: 'AMB' }, subject: ref('Patient/shared') },
];

export const transactionOf = (resources: readonly Resource[]): Asked => ({
  fhir: {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({ request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` }, resource })),
  },
});
