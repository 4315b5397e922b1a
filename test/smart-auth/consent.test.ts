/** Consents narrow what a role sees: what each kind of provision takes away, and how soon it counts. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import type { Principal } from '../../src/fhir/model/principal.ts';
import { dateRange } from '../../src/fhir/search/values/normalise/dates.ts';
import { deniedNode } from '../../src/smart-auth/consent/compile.ts';
import { directiveOf } from '../../src/smart-auth/consent/directive.ts';
import { createConsentReader, type Consents } from '../../src/smart-auth/consent/reader.ts';
import { actionsOf } from '../../src/smart-auth/roles/letters.ts';
import { isEmergency } from '../../src/smart-auth/access/role-filter.ts';
import { createFhir, type Dispatch } from '../../src/fhir/index.ts';
import { ALL_ACCESS } from '../../src/fhir/model/principal.ts';
import { NOW, parserDeps, TIME_ZONE } from '../search/set-up.ts';
import { onEachStore, type TestApp } from '../http/harness.ts';
import { WORLD } from './samples.ts';
import { accessWith, allows, CLINIC, personOf, scopesOf } from './world.ts';

const SCOPE = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] };
const ROLE_SYSTEM = 'https://nadi.example/fhir/CodeSystem/role';
const policy = (code: string): Consent['policyRule'] & object => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code }],
});
const consent = (provision: ConsentProvision | undefined, more: Partial<Consent> = {}): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: SCOPE,
  category: [{ text: 'privacy' }],
  patient: { reference: 'Patient/own' },
  policyRule: policy('OPTIN'),
  ...(provision ? { provision } : {}),
  ...more,
});

const consentsOf = (of: readonly Consent[], now: number): Consents => {
  const directives = of.flatMap((c) => directiveOf({ dateRange, timeZone: TIME_ZONE }, c) ?? []);
  return {
    deniedTo: (principal, type, action) =>
      deniedNode(parserDeps, directives, { principal, now, emergency: isEmergency(principal, action) }, type),
  };
};

/** What is in sight without the consents and out of sight with them. */
function hidden(of: readonly Consent[], principal: Principal = personOf('NURSE'), letter = 'r', now = NOW): string[] {
  const scopes = scopesOf(principal.role === undefined ? 'system/*.cruds' : 'user/*.cruds');
  const without = accessWith().accessFor({ principal, scopes });
  const withThem = accessWith(consentsOf(of, now)).accessFor({ principal, scopes });
  const [action = 'read'] = actionsOf(letter);
  const [before, after] = [without, withThem].map((f) => WORLD.filter((k) => allows(f, WORLD, k, action)).map((k) => k.resource.id));
  expect((after ?? []).filter((id) => !before?.includes(id))).toEqual([]);
  return (before ?? []).filter((id) => !after?.includes(id));
}

const types = (...names: readonly string[]): NonNullable<ConsentProvision['class']> =>
  names.map((code) => ({ system: 'http://hl7.org/fhir/resource-types', code }));
const who = (reference: string, role?: string): NonNullable<ConsentProvision['actor']> => [
  { reference: { reference }, role: role === undefined ? { text: 'recipient' } : { coding: [{ system: ROLE_SYSTEM, code: role }] } },
];
const purpose = (...codes: readonly string[]): NonNullable<ConsentProvision['purpose']> =>
  codes.map((code) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code }));
const NURSE_OWN = ['own', 'relative', 'cohort', 'visit', 'vitals', 'lab-released', 'lab-waiting', 'lab-early', 'image-waiting'];
const OBSERVATIONS = ['vitals', 'lab-released', 'lab-waiting', 'lab-early', 'image-waiting'];
const loinc = (code: string): NonNullable<ConsentProvision['code']> => [{ coding: [{ system: 'http://loinc.org', code }] }];

describe('a provision', () => {
  it('that denies all hides the patient from everyone but themselves, their consents excepted', () => {
    const all = consent({ type: 'deny' });
    expect(hidden([all])).toEqual(expect.arrayContaining(NURSE_OWN));
    expect(hidden([all])).not.toContain('consent');
    expect(hidden([all]).filter((id) => /other/.test(id))).toEqual([]);
    expect(hidden([all], personOf('PATIENT'))).toEqual([]);
    expect(hidden([all], { subject: 'Device/lab', clinic: CLINIC, client: 'lab' })).toEqual(
      expect.arrayContaining(['vitals', 'appointment']),
    );
  });

  it('hides from searches, changes and deletion too, and lets what is new be written', () => {
    const all = consent({ type: 'deny' });
    for (const letter of ['s', 'u', 'd']) expect(hidden([all], personOf('DOCTOR'), letter)).toEqual(expect.arrayContaining(['vitals']));
    expect(hidden([all], personOf('DOCTOR'), 'r')).toContain('vitals');
  });

  it.each<[string, ConsentProvision, readonly string[]]>([
    ['of a class', { type: 'deny', class: types('Observation') }, OBSERVATIONS],
    ['of a code', { type: 'deny', code: loinc('1234-5'), class: types('Observation', 'Condition') }, OBSERVATIONS],
    ['of another code', { type: 'deny', code: loinc('9-9'), class: types('Observation') }, []],
    ['of one resource', { type: 'deny', data: [{ meaning: 'instance', reference: { reference: 'Observation/vitals' } }] }, ['vitals']],
    ['to this person', { type: 'deny', actor: who('Practitioner/NURSE'), class: types('Observation') }, OBSERVATIONS],
    ['to another person', { type: 'deny', actor: who('Practitioner/x'), class: types('Observation') }, []],
    ['to a role of the clinic', { type: 'deny', actor: who(`Organization/${CLINIC}`, 'NURSE'), class: types('Observation') }, OBSERVATIONS],
    ['to another role', { type: 'deny', actor: who(`Organization/${CLINIC}`, 'DOCTOR'), class: types('Observation') }, []],
    ['to a team that may have this person', { type: 'deny', actor: who('CareTeam/1'), class: types('Observation') }, OBSERVATIONS],
    ['for treatment', { type: 'deny', purpose: purpose('TREAT'), class: types('Observation') }, OBSERVATIONS],
    ['for payment', { type: 'deny', purpose: purpose('HPAYMT'), class: types('Observation') }, []],
    ['until last year', { type: 'deny', period: { end: '2023' }, class: types('Observation') }, []],
    ['until this year', { type: 'deny', period: { end: '2024' }, class: types('Observation') }, OBSERVATIONS],
    ['from tomorrow', { type: 'deny', period: { start: '2024-06-02' }, class: types('Observation') }, []],
    [
      'of what is not read here: denies more',
      { type: 'deny', class: [{ system: 'urn:x', code: 'y' }], code: loinc('1234-5') },
      [...OBSERVATIONS, 'report-released', 'report-waiting', 'medicine'],
    ],
    ['that only permits', { type: 'permit', class: types('Observation') }, []],
    [
      'with an exception for a role',
      { type: 'deny', class: types('Observation'), provision: [{ type: 'permit', actor: who(`Organization/${CLINIC}`, 'NURSE') }] },
      [],
    ],
    [
      'with an exception for a resource',
      {
        type: 'deny',
        class: types('Observation'),
        provision: [{ type: 'permit', data: [{ meaning: 'instance', reference: { reference: 'Observation/vitals' } }] }],
      },
      OBSERVATIONS.slice(1),
    ],
    [
      'with an exception within an exception',
      {
        type: 'deny',
        provision: [
          { type: 'permit', class: types('Observation', 'Patient', 'Encounter'), provision: [{ type: 'deny', code: loinc('1234-5') }] },
        ],
        class: types('Observation', 'Encounter'),
      },
      OBSERVATIONS,
    ],
    [
      'with an exception that is not read here: it is void',
      { type: 'deny', class: types('Observation'), provision: [{ type: 'permit', class: [{ system: 'urn:x', code: 'y' }] }] },
      OBSERVATIONS,
    ],
    [
      'with an exception for who may not be meant: it is void',
      { type: 'deny', class: types('Observation'), provision: [{ type: 'permit', actor: who('CareTeam/1') }] },
      OBSERVATIONS,
    ],
    [
      'denied within a permission that is not all read',
      { type: 'permit', action: [{ text: 'x' }], provision: [{ type: 'deny', class: types('Observation') }] },
      OBSERVATIONS,
    ],
    [
      'denied and permitted side by side: denied',
      { type: 'deny', class: types('Observation'), provision: [{ type: 'permit' }, { type: 'deny', class: types('Observation') }] },
      OBSERVATIONS,
    ],
  ])('%s', (_name, provision, expected) => {
    expect(hidden([consent(provision)]).toSorted()).toEqual(expected.toSorted());
  });

  it('of a label hides what carries it; of a level of confidentiality, what is above as well', () => {
    const label = (code: string): ConsentProvision => ({
      type: 'deny',
      securityLabel: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code }],
    });
    expect(hidden([consent(label('PSYTHPN'))], personOf('DOCTOR'))).toEqual(['note-mh', 'note-mh-released']);
    const level: ConsentProvision = {
      type: 'deny',
      securityLabel: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }],
    };
    const missed = consent(level, { patient: { reference: 'Patient/missed' } });
    expect(hidden([missed], personOf('COUNSELOR'))).toEqual(['note-mh-missed']);
  });

  it('does not hold back an emergency, unless it names emergencies', () => {
    const nurse = personOf('NURSE', { emergency: 'unconscious' });
    const observations = { type: 'deny', class: types('Observation') } as const;
    expect(hidden([consent(observations)], nurse)).toEqual([]);
    expect(hidden([consent(observations)], nurse, 'u').toSorted()).toEqual(OBSERVATIONS.toSorted());
    expect(hidden([consent({ ...observations, purpose: purpose('ETREAT') })], nurse).toSorted()).toEqual(OBSERVATIONS.toSorted());
    expect(hidden([consent({ type: 'deny', provision: [{ ...observations, purpose: purpose('BTG') }] })], nurse).toSorted()).toEqual(
      OBSERVATIONS.toSorted(),
    );
  });
});

describe('a consent', () => {
  const deny: ConsentProvision = { type: 'deny', class: types('Observation') };
  it.each([
    ['a draft', { status: 'draft' }],
    ['inactive', { status: 'inactive' }],
    ['about research', { scope: { coding: [{ code: 'research' }] } }],
    ['of nobody here', { patient: { reference: 'https://other.test/Patient/own' } }],
  ] as const)('that is %s counts for nothing', (_name, more) => {
    expect(hidden([consent(deny, more as Partial<Consent>)])).toEqual([]);
  });

  it('to opt out denies all that its provisions do not permit', () => {
    const policyRule = policy('OPTOUT');
    expect(hidden([consent(undefined, { policyRule })])).toEqual(expect.arrayContaining(NURSE_OWN));
    expect(hidden([consent({ type: 'permit', class: types('Observation') }, { policyRule })])).not.toContain('vitals');
  });

  it('of several patients alike is one set of patients in the tree', () => {
    const both = [consent(deny), consent(deny, { patient: { reference: 'Patient/other' } })];
    const node = consentsOf(both, NOW).deniedTo(personOf('NURSE'), 'Condition', 'read');
    expect(node).toEqual({ op: 'none' });
    expect(hidden(both).toSorted()).toEqual([...OBSERVATIONS, 'vitals-other', 'lab-other'].toSorted());
    expect(JSON.stringify(consentsOf(both, NOW).deniedTo(personOf('NURSE'), 'Observation', 'read')).match(/reference-in/g)).toHaveLength(2);
  });
});

onEachStore('the reader of consents', (open) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await open();
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const dispatching = (store: TestApp['deps']['store']): Dispatch => createFhir({ ...app.deps, store });
  const write = async (dispatch: Dispatch, method: 'PUT' | 'DELETE', resource: Consent): Promise<void> => {
    const context = {
      principal: { subject: 'Device/system', clinic: CLINIC },
      access: ALL_ACCESS,
      requestId: 'r',
      baseUrl: app.baseUrl,
      deadline: app.deps.clock.now() + 15_000,
    };
    const body = method === 'PUT' ? { body: Buffer.from(JSON.stringify(resource)) } : {};
    const { status } = await dispatch({
      method,
      path: ['Consent', resource.id ?? ''],
      query: '',
      headers: { 'content-type': 'application/fhir+json' },
      context,
      ...body,
    });
    expect(status).toBeLessThan(300);
  };

  it('sees what this process writes at once, what another writes within a second, and periods as they pass', async () => {
    const reader = createConsentReader(app.deps);
    const inside = dispatching(reader.store);
    const outside = dispatching(app.deps.store);
    const denies = async (): Promise<boolean> => {
      await reader.refresh(CLINIC);
      return reader.current(CLINIC).deniedTo(personOf('NURSE'), 'Observation', 'read').op !== 'none';
    };
    expect(reader.current(CLINIC).deniedTo(personOf('NURSE'), 'Observation', 'read')).toEqual({ op: 'all' });
    expect(await denies()).toBe(false);
    const empty = reader.current(CLINIC);
    expect(reader.refresh(CLINIC)).toBeUndefined();

    await write(inside, 'PUT', { ...consent({ type: 'deny' }), id: 'c' });
    expect(await denies()).toBe(true);
    expect(reader.current(CLINIC)).not.toBe(empty);
    await write(inside, 'DELETE', { ...consent(undefined), id: 'c' });
    expect(await denies()).toBe(false);

    const tomorrow = new Date(app.deps.clock.now() + 86_400_000).toISOString();
    await write(outside, 'PUT', { ...consent({ type: 'deny', period: { end: tomorrow } }), id: 'd' });
    app.advance(1001);
    expect(await denies()).toBe(true);
    const before = reader.current(CLINIC);
    app.advance(1001);
    expect(await denies()).toBe(true);
    expect(reader.current(CLINIC)).toBe(before);
    app.advance(86_400_000);
    expect(await denies()).toBe(false);
  });

  it('asks the store once for many that wait, and again for a write that came between', async () => {
    let asked = 0;
    const store = {
      ...app.deps.store,
      history: (...of: Parameters<typeof app.deps.store.history>) => (asked++, app.deps.store.history(...of)),
    };
    const reader = createConsentReader({ ...app.deps, store });
    await Promise.all(Array.from({ length: 20 }, async () => reader.refresh(CLINIC)));
    expect(asked).toBe(1);
    const waiting = reader.refresh(CLINIC);
    await write(dispatching(reader.store), 'PUT', { ...consent({ type: 'deny' }), id: 'e' });
    await waiting;
    await reader.refresh(CLINIC);
    expect(reader.current(CLINIC).deniedTo(personOf('NURSE'), 'Observation', 'read').op).not.toBe('none');
  });

  it('lets nothing pass when the store fails', async () => {
    const store = { ...app.deps.store, history: () => Promise.reject(new Error('down')) };
    const reader = createConsentReader({ ...app.deps, store });
    await expect(reader.refresh(CLINIC)).rejects.toThrow('down');
    expect(reader.current(CLINIC).deniedTo(personOf('NURSE'), 'Observation', 'read')).toEqual({ op: 'all' });
    await expect(reader.refresh(CLINIC)).rejects.toThrow('down');
  });
});
