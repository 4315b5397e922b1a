import { describe, expect, it } from '@jest/globals';
import { ROLES } from '../../src/fhir/model/principal.ts';
import { criteriaNode } from '../../src/smart-auth/access/criteria.ts';
import { labelParameters } from '../../src/smart-auth/labels/restricted.ts';
import { DENIED_TYPES, GROUP_NAMES, GROUPS, groupsOf } from '../../src/smart-auth/roles/groups.ts';
import { ABOUT_PATIENT, AUTHOR, TREATING } from '../../src/smart-auth/roles/rows.ts';
import { ROLE_TABLE } from '../../src/smart-auth/roles/table.ts';
import { ACTIONS } from '../../src/smart-auth/roles/letters.ts';
import { mayUseGroup, mayUseRoute } from '../../src/smart-auth/roles/permission.ts';
import { parserDeps } from '../search/set-up.ts';
import { accessDeps, CLINIC, personOf, scopesOf, TYPES } from './world.ts';

const isReference = (type: string, code: string): boolean => parserDeps.registry.get(type, code)?.type === 'reference';

describe('resource groups', () => {
  it('are 25 or more, and hold every type of R4 that is not denied', () => {
    expect(GROUP_NAMES.length).toBeGreaterThanOrEqual(25);
    const homeless = [...TYPES].filter((type) => groupsOf(type).length === 0 && !Object.hasOwn(DENIED_TYPES, type));
    const both = [...TYPES].filter((type) => groupsOf(type).length > 0 && Object.hasOwn(DENIED_TYPES, type));
    expect({ homeless, both }).toEqual({ homeless: [], both: [] });
  });

  it('name types that R4 has, each once', () => {
    for (const name of GROUP_NAMES) {
      const { types } = GROUPS[name];
      expect({ name, types: types.filter((t) => !TYPES.has(t)), twice: types.length - new Set(types).size }).toEqual({
        name,
        types: [],
        twice: 0,
      });
    }
  });

  it.each(GROUP_NAMES.flatMap((name) => Object.entries(GROUPS[name].only ?? {}).map(([type, criteria]) => ({ name, type, criteria }))))(
    '$name knows its $type by criteria that can be asked',
    ({ name, type, criteria }) => {
      expect(GROUPS[name].types).toContain(type);
      expect(criteriaNode(accessDeps, CLINIC, type, criteria)).toBeDefined();
    },
  );

  it('are labelled alike wherever a patient can be known from them', () => {
    for (const type of TYPES) for (const param of labelParameters(type)) expect(parserDeps.registry.get(type, param)?.type).toBe('token');
  });
});

describe('row rules', () => {
  it('name search parameters that there are', () => {
    const wrong = Object.entries(AUTHOR).flatMap(([type, params]) =>
      params.filter((p) => !isReference(type, p)).map((p) => `${type}.${p}`),
    );
    expect(wrong).toEqual([]);
    for (const { type, patient, by, except } of TREATING) {
      expect([isReference(type, patient), isReference(type, by), parserDeps.registry.get(type, 'status')?.type]).toEqual([
        true,
        true,
        'token',
      ]);
      expect(except.length).toBeGreaterThan(0);
    }
  });

  it('find the patient of each clinical type in the compartment', () => {
    const compartment = parserDeps.definitions.compartments['Patient'] ?? {};
    const unknown = GROUPS.restricted.types.filter((t) => t !== 'Patient' && !ABOUT_PATIENT.some((p) => compartment[t]?.includes(p)));
    expect(unknown).toEqual(['GuidanceResponse', 'Device', 'DeviceMetric', 'BiologicallyDerivedProduct', 'Binary']);
  });

  it('of elements name elements and parameters that there are', () => {
    for (const role of ROLES) {
      for (const [type, { elements, parameters }] of Object.entries(ROLE_TABLE[role].visible ?? {})) {
        const known = parserDeps.definitions.elementsOf(type);
        expect([...elements].filter((e) => !known?.has(e))).toEqual([]);
        expect([...parameters].filter((p) => !parserDeps.registry.get(type, p))).toEqual([]);
      }
    }
  });
});

describe('mayUseGroup', () => {
  const full = scopesOf('openid user/*.cruds');
  it.each([
    ['DOCTOR', 'medication', 'create', full, true],
    ['DOCTOR', 'accounts', 'read', full, false],
    ['CLINIC_ADMIN', 'accounts', 'create', full, true],
    ['CLINIC_ADMIN', 'staff', 'create', full, true],
    ['CLINIC_ADMIN', 'clinics', 'create', full, false],
    ['CLINIC_ADMIN', 'audit', 'delete', full, false],
    ['PATIENT', 'payments', 'create', scopesOf('patient/*.cruds'), true],
    ['PATIENT', 'billing-analytics', 'read', scopesOf('patient/*.cruds'), false],
    ['DOCTOR', 'medication', 'create', scopesOf('user/MedicationRequest.rs'), false],
    ['DOCTOR', 'medication', 'read', scopesOf('user/MedicationRequest.rs'), true],
    ['DOCTOR', 'medication', 'read', scopesOf('user/MedicationRequest.rs?status=active'), false],
    ['CLINIC_ADMIN', 'accounts', 'read', scopesOf('user/Patient.rs'), false],
    ['DOCTOR', 'no-such-group', 'read', full, false],
    ['DOCTOR', 'constructor', 'read', full, false],
    ['DOCTOR', 'medication', 'read', scopesOf('system/*.cruds'), false],
  ] as const)('%s, %s, %s: with %j %s', (role, group, action, scopes, expected) => {
    expect(mayUseGroup(personOf(role), scopes, group, action)).toBe(expected);
  });

  it('lets an app at what is kept as FHIR, not at accounts, apps and settings', () => {
    const app = personOf('CLINIC_ADMIN', { client: 'growth-chart' });
    expect(mayUseGroup(app, full, 'staff', 'create')).toBe(true);
    const closed = ['accounts', 'memberships', 'apps', 'app-permissions', 'clinics', 'clinic-settings', 'erasure', 'export'];
    for (const group of closed) expect([group, ACTIONS.some((action) => mayUseGroup(app, full, group, action))]).toEqual([group, false]);
  });

  it('lets systems use what is kept as FHIR, as far as their scopes name it', () => {
    const system = { subject: 'Device/lab', clinic: CLINIC, client: 'lab' };
    expect(mayUseGroup(system, scopesOf('system/Observation.rs'), 'laboratory', 'read')).toBe(true);
    expect(mayUseGroup(system, scopesOf('system/*.cruds'), 'audit', 'update')).toBe(false);
    expect(mayUseGroup(system, scopesOf('system/*.cruds'), 'accounts', 'read')).toBe(false);
    expect(mayUseGroup(system, scopesOf('user/*.cruds'), 'laboratory', 'read')).toBe(false);
    expect(mayUseGroup({ ...system, account: 'a' }, scopesOf('system/*.cruds'), 'laboratory', 'read')).toBe(false);
  });
});

describe('S2: what is a person’s own', () => {
  const own = { own: 'a test' };
  it.each([
    ['signed in at a front end of the clinic', 'openid fhirUser user/*.cruds', true, true],
    ['an app that may only read', 'user/*.rs', true, false],
    ['an app for one type', 'patient/Patient.cruds', false, false],
    ['an app with criteria', 'user/Patient.cruds?_tag=x', false, false],
    ['an app that may know who it is', 'openid fhirUser', false, false],
    ['system scopes', 'system/*.cruds', false, false],
  ])('%s', (_name, scope, reads, changes) => {
    for (const role of ROLES) {
      expect(mayUseRoute(personOf(role), scopesOf(scope), own, 'GET')).toBe(reads);
      for (const method of ['POST', 'PUT', 'DELETE'] as const)
        expect(mayUseRoute(personOf(role), scopesOf(scope), own, method)).toBe(changes);
    }
  });

  it('is no app’s, whatever its scopes', () => {
    const app = personOf('PATIENT', { client: 'growth-chart' });
    for (const method of ['GET', 'POST', 'PUT', 'DELETE'] as const)
      expect(mayUseRoute(app, scopesOf('openid patient/*.cruds user/*.cruds'), own, method)).toBe(false);
  });

  it('is no system’s, whatever its scopes', () => {
    expect(mayUseRoute({ subject: 'Device/lab', clinic: CLINIC, client: 'lab' }, scopesOf('system/*.cruds user/*.cruds'), own, 'GET')).toBe(
      false,
    );
  });

  it('takes one scope where that says enough', () => {
    const who = { ...own, scope: 'openid' };
    expect(mayUseRoute(personOf('DOCTOR'), scopesOf('openid'), who, 'POST')).toBe(true);
    expect(mayUseRoute(personOf('DOCTOR'), scopesOf('user/*.cruds'), who, 'POST')).toBe(false);
  });
});
