/** Records of the manager's table that are kept in a served clinic, and each interaction tried on them by each role. */
import { EXPECTED } from '../smart-auth/manager.ts';
import { sample } from '../smart-auth/samples.ts';
import type { Ask, Told } from './ask.ts';
import type { ServedWorld } from './world.ts';

/** One of each column of the table, and what is special about some: labelled records stand in the walk in memory. */
const KINDS =
  'own other relative cohort visit vitals vitals-other lab-released lab-waiting medicine allergy lab-order appointment token course session protocol invoice payment consent consent-other message subscription practitioner codes file'.split(
    ' ',
  );

export interface Kept {
  readonly kind: string;
  readonly type: string;
  readonly id: string;
  readonly resource: object;
  /** By role, in the order of ROLES. */
  readonly letters: readonly string[];
}

/** What samples lack to be taken in. */
const MORE: Readonly<Record<string, object>> = {
  visit: { class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' } },
  appointment: { start: '2024-01-01T10:00:00Z', end: '2024-01-01T11:00:00Z' },
  protocol: { title: 'Panchakarma' },
  payment: {
    created: '2024-01-01',
    payment: { display: 'cash' },
    recipient: { display: 'the clinic' },
    amount: { value: 1, currency: 'INR' },
  },
  consent: { scope: { coding: [{ code: 'patient-privacy' }] }, category: [{ text: 'x' }], policyRule: { text: 'x' } },
  'consent-other': { scope: { coding: [{ code: 'patient-privacy' }] }, category: [{ text: 'x' }], policyRule: { text: 'x' } },
  subscription: { reason: 'x', status: 'off', channel: { type: 'message' } },
};
/** An allergy without a status isn't valid. */
const STATUS: Readonly<Record<string, object>> = {
  allergy: {
    clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }] },
  },
};

/** Puts them into the first clinic, as its system client. The patient who is signed in is `own`. */
export async function keepRecords(world: ServedWorld, system: string): Promise<readonly Kept[]> {
  const patient = world.person('demo', 'PATIENT').fhirUser.split('/')[1] ?? '';
  const kept = KINDS.map((kind): Kept => {
    const text = JSON.stringify({ ...sample(kind).resource, ...MORE[kind], ...STATUS[kind] }).replaceAll(
      '"Patient/own"',
      `"Patient/${patient}"`,
    );
    const resource = JSON.parse(text) as { readonly resourceType: string; readonly id: string };
    const id = kind === 'own' ? patient : kind;
    const letters = EXPECTED.find((row) => row.id === kind)?.letters ?? [];
    return { kind, type: resource.resourceType, id, resource: { ...resource, id }, letters };
  });
  const problems: string[] = [];
  for (const record of kept) await restore(world.ask, system, record).catch((error: unknown) => problems.push(String(error)));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return kept;
}

async function restore(ask: Ask, token: string, { type, id, resource }: Kept): Promise<void> {
  const { status, text } = await ask(`/fhir/R4/${type}/${id}`, { token, method: 'PUT', fhir: resource });
  if (status !== 200 && status !== 201) throw new Error(`${type}/${id} was not kept: ${status} ${text}`);
}

type Trial = (ask: Ask, token: string, record: Kept) => Promise<Told>;
interface Interaction {
  readonly name: string;
  readonly letter: 'c' | 'r' | 'u' | 'd' | 's';
  readonly trial: Trial;
  readonly isDone: (told: Told, record: Kept) => boolean;
}

const withStatus =
  (...statuses: readonly number[]): Interaction['isDone'] =>
  ({ status }) =>
    statuses.includes(status);
const isFound: Interaction['isDone'] = ({ text }, { type, id }) => text.includes(`/${type}/${id}"`);
const without = (resource: object, name: string): object => Object.fromEntries(Object.entries(resource).filter(([key]) => key !== name));
const at = ({ type, id }: Kept): string => `/fhir/R4/${type}/${id}`;
const patch = [{ op: 'add', path: '/language', value: 'en' }];
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

export const INTERACTIONS: readonly Interaction[] = [
  { name: 'read', letter: 'r', trial: (ask, token, record) => ask(at(record), { token }), isDone: withStatus(200) },
  { name: 'vread', letter: 'r', trial: (ask, token, record) => ask(`${at(record)}/_history/1`, { token }), isDone: withStatus(200) },
  {
    name: 'history-instance',
    letter: 'r',
    trial: (ask, token, record) => ask(`${at(record)}/_history`, { token }),
    isDone: withStatus(200),
  },
  { name: 'history-type', letter: 's', trial: (ask, token, { type }) => ask(`/fhir/R4/${type}/_history`, { token }), isDone: isFound },
  { name: 'search-type', letter: 's', trial: (ask, token, { type, id }) => ask(`/fhir/R4/${type}?_id=${id}`, { token }), isDone: isFound },
  {
    name: 'search-system',
    letter: 's',
    trial: (ask, token, { type, id }) => ask(`/fhir/R4?_type=${type}&_id=${id}`, { token }),
    isDone: isFound,
  },
  {
    name: 'create',
    letter: 'c',
    trial: (ask, token, { type, resource }) => ask(`/fhir/R4/${type}`, { token, fhir: without(resource, 'id') }),
    isDone: withStatus(201),
  },
  {
    name: 'update',
    letter: 'u',
    trial: (ask, token, record) => ask(at(record), { token, method: 'PUT', fhir: record.resource }),
    isDone: withStatus(200),
  },
  {
    name: 'patch',
    letter: 'u',
    trial: (ask, token, record) => ask(at(record), { token, method: 'PATCH', raw: JSON.stringify(patch), headers: JSON_PATCH }),
    isDone: withStatus(200),
  },
];

/** Deletes, and says whether it is gone; then it is put back. */
export async function deletes(world: ServedWorld, system: string, token: string, record: Kept): Promise<boolean> {
  await world.ask(at(record), { token, method: 'DELETE' });
  const isGone = (await world.ask(at(record), { token: system })).status === 410;
  if (isGone) await restore(world.ask, system, record);
  return isGone;
}
