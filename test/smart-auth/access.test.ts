/** Role, scopes and consents together. S1, S2 of the attacks stand here as far as the filter decides them. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asResourceId } from '../../src/fhir/model/ids.ts';
import { ROLES, type Principal } from '../../src/fhir/model/principal.ts';
import { NO_ENTRIES } from '../../src/fhir/search/entries.ts';
import { print } from '../../src/fhir/search/print.ts';
import { isBreakGlass, isGroupBreakGlass } from '../../src/smart-auth/access/break-glass.ts';
import { ACTIONS, actionsOf, lettersOf } from '../../src/smart-auth/roles/letters.ts';
import { ABOUT_PATIENT } from '../../src/smart-auth/roles/rows.ts';
import { parserDeps } from '../search/set-up.ts';
import { sample, WORLD } from './samples.ts';
import { accessWith, allows, CLINIC, EVERYONE, known, personOf, scopesOf, type Known } from './world.ts';
import { longer } from '../soak.ts';

const access = accessWith();
const idsOf = (principal: Principal, scopes: string, letter: string, of: (known: Known) => boolean = () => true): string[] => {
  const filter = access.accessFor({ principal, scopes: scopesOf(scopes) });
  const [action = 'read'] = actionsOf(letter);
  return WORLD.filter((k) => of(k) && allows(filter, WORLD, k, action)).map((k) => k.resource.id);
};
const isType =
  (...types: readonly string[]) =>
  ({ resource }: Known): boolean =>
    types.includes(resource.resourceType);

const LABORATORY = 'category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
const SYSTEM: Principal = { subject: 'Device/app', clinic: CLINIC, client: 'app' };
const R = '_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R';

describe('trees', () => {
  const tree = (principal: Principal, scopes: string, type: string, letter: string): string => {
    const [action = 'read'] = actionsOf(letter);
    const filter = access.accessFor({ principal, scopes: scopesOf(scopes) }).restrict(type, action);
    return typeof filter === 'string'
      ? filter
      : print(filter).replaceAll(/\(or \(token _security[^()]*\)(?: \(token _security[^()]*\))*\)/g, '<labelled>');
  };
  it.each([
    ['NURSE', 'user/*.cruds', 'Observation', 's', '(not <labelled>)'],
    ['NURSE', 'user/*.cruds', 'Practitioner', 'r', 'all'],
    ['NURSE', 'user/*.cruds', 'Invoice', 'r', 'none'],
    ['NURSE', 'user/Patient.rs', 'Observation', 'r', 'none'],
    [
      'RECEPTIONIST',
      'user/*.cruds',
      'CarePlan',
      's',
      '(and (token category https://nadi.example/fhir/CodeSystem/care-category|therapy) (not <labelled>))',
    ],
    ['PATIENT', 'patient/*.cruds', 'AllergyIntolerance', 'd', 'none'],
    ['PATIENT', 'patient/*.cruds', 'Patient', 'u', '(and (id own) (not <labelled>))'],
    ['COUNSELOR', 'user/*.cruds', 'ClinicalImpression', 'c', '(and <labelled> (reference assessor Practitioner/COUNSELOR))'],
  ] as const)('%s with %s: %s %s', (role, scopes, type, letter, expected) => {
    expect(tree(personOf(role), scopes, type, letter)).toBe(expected);
  });

  it('are the same value for the same question, and for the same answer of another type', () => {
    const filter = access.accessFor({ principal: personOf('NURSE'), scopes: scopesOf('user/*.cruds') });
    const node = filter.restrict('Observation', 'search');
    expect(filter.restrict('Observation', 'search')).toBe(node);
    expect(filter.restrict('Condition', 'search')).toBe(node);
  });
});

describe('S1: patient/ scopes', () => {
  const inContext = personOf('DOCTOR', { patient: asResourceId('own') });
  it('reach the patient in context only, and what records refer to', () => {
    expect(idsOf(inContext, 'patient/*.rs', 'r', isType('Patient', 'Observation'))).toEqual([
      'own',
      'vitals',
      'lab-released',
      'lab-waiting',
      'lab-early',
      'image-waiting',
    ]);
    expect(idsOf(inContext, 'patient/*.cruds', 'r', isType('Practitioner', 'ValueSet', 'Task', 'Binary'))).toEqual([
      'practitioner',
      'codes',
    ]);
    expect(
      idsOf(personOf('CLINIC_ADMIN', { patient: asResourceId('own') }), 'patient/*.cruds', 'u', isType('Practitioner', 'ValueSet')),
    ).toEqual([]);
    expect(idsOf(inContext, 'patient/Patient.rs', 'r', isType('Practitioner'))).toEqual([]);
  });
  it('reach nothing of anybody without a patient in context', () => {
    expect(idsOf(personOf('DOCTOR'), 'patient/*.cruds', 'r', isType('Patient', 'Observation', 'Appointment'))).toEqual([]);
  });
  it('do not reach patients that another record links to this one', () => {
    expect(idsOf(inContext, 'patient/*.cruds', 'r', isType('Patient'))).toEqual(['own']);
  });
  describe('what is about another patient, and names the one in context otherwise', () => {
    const compartment = Object.entries(parserDeps.definitions.compartments['Patient'] ?? {});
    const aboutOf = (codes: readonly string[]): string | undefined => ABOUT_PATIENT.find((p) => codes.includes(p));
    const cases = compartment.flatMap(([type, codes]) =>
      codes.filter((c) => !ABOUT_PATIENT.includes(c)).map((param) => ({ type, param, about: aboutOf(codes) })),
    );
    /** As if there were nothing but these references. */
    const referring = (type: string, references: Readonly<Record<string, string>>): Known => ({
      resource: { resourceType: type, id: 'x' },
      subject: {
        ...{ type, id: 'x', lastUpdated: 0 },
        entries: { ...NO_ENTRIES, reference: Object.entries(references).map(([param, id]) => ({ param, type: 'Patient', id })) },
      },
    });
    const reached = (principal: Principal, known: Known): string => {
      const filter = access.accessFor({ principal, scopes: scopesOf('patient/*.cruds') });
      return lettersOf(ACTIONS.filter((action) => allows(filter, WORLD, known, action)));
    };

    it('is tried of every type that has such a parameter', () => expect(cases.length).toBeGreaterThan(25));

    it.each(cases.filter(({ type }) => type !== 'Patient'))('$type by $param', ({ type, param, about }) => {
      const [strange, silent] = [
        referring(type, { ...(about ? { [about]: 'other' } : {}), [param]: 'own' }),
        referring(type, { [param]: 'own' }),
      ];
      for (const principal of [inContext, personOf('PATIENT'), personOf('CLINIC_ADMIN', { patient: asResourceId('own') })]) {
        if (about) expect(reached(principal, strange)).toBe('');
        // About nobody: read, as far as the role does, and never written.
        expect(reached(principal, silent)).toMatch(/^(rs)?$/);
      }
      if (about)
        expect(reached(inContext, referring(type, { [about]: 'own', [param]: 'other' }))).toBe(
          reached(inContext, referring(type, { [about]: 'own' })),
        );
    });

    it('a message that they sent is read', () => {
      const admin = personOf('CLINIC_ADMIN', { patient: asResourceId('own') });
      expect(reached(admin, referring('Communication', { sender: 'own' }))).toBe('rs');
    });
  });

  it('a record of several patients is read by each, and changed by none', () => {
    const own = { actor: { reference: 'Patient/own' }, status: 'accepted' };
    const other = { ...own, actor: { reference: 'Patient/other' } };
    const appointment = (participant: readonly object[]) =>
      known({ resourceType: 'Appointment', id: 'x', status: 'booked', participant } as unknown as Known['resource']);
    const filter = access.accessFor({ principal: personOf('PATIENT'), scopes: scopesOf('patient/*.cruds') });
    const letters = (of: Known): string => lettersOf(ACTIONS.filter((action) => allows(filter, WORLD, of, action)));
    expect(letters(appointment([own]))).toBe('crus');
    expect(letters(appointment([own, other]))).toBe('rs');
    expect(letters(appointment([other]))).toBe('');
  });

  it('a patient with user/ scopes still has only their own', () => {
    expect(idsOf(personOf('PATIENT'), 'user/*.cruds', 'r', isType('Patient', 'Invoice', 'Appointment'))).toEqual([
      'own',
      'appointment',
      'invoice',
    ]);
  });
  it('system/ scopes in the token of a person grant nothing, nor user/ ones in that of a system', () => {
    expect(idsOf(personOf('DOCTOR'), 'system/*.cruds', 'r')).toEqual([]);
    expect(idsOf(SYSTEM, 'user/*.cruds patient/*.cruds', 'r')).toEqual([]);
    expect(idsOf({ ...SYSTEM, account: 'a' }, 'system/*.cruds', 'r')).toEqual([]);
  });
});

describe('S2: scopes with letters and criteria', () => {
  const doctor = personOf('DOCTOR');
  it('grant the letters they name', () => {
    expect(
      ACTIONS.filter(
        (a) =>
          access.accessFor({ principal: doctor, scopes: scopesOf('user/Condition.cd user/Condition.s') }).restrict('Condition', a) !==
          'none',
      ),
    ).toEqual(['create', 'delete', 'search']);
  });
  it('grant what meets their criteria, several added up', () => {
    expect(idsOf(doctor, `user/Observation.rs?${LABORATORY}`, 's')).toEqual(['lab-released', 'lab-waiting', 'lab-early', 'lab-other']);
    expect(idsOf(doctor, `user/Observation.rs?${LABORATORY}&status=preliminary user/Observation.s?subject=Patient/other`, 's')).toEqual([
      'vitals-other',
      'lab-early',
      'lab-other',
    ]);
  });
  it.each([
    'no-such-parameter=1',
    'status=final&no-such=1',
    'subject:Patient.name=own',
    '_has:Encounter:patient:status=finished',
    '_count=5',
    '_include=Observation:subject',
    '_sort=date',
    '_total=accurate',
    'status:foo=final',
    'date=nonsense',
    'status=%',
  ])('grant nothing with criteria that cannot be applied: %s', (criteria) => {
    expect(idsOf(doctor, `user/Observation.rs?${criteria}`, 's')).toEqual([]);
  });
});

describe('systems', () => {
  it('reach what their scopes name, labelled or audited or not', () => {
    expect(idsOf(SYSTEM, 'system/ClinicalImpression.rs', 'r')).toEqual(['note']);
    expect(idsOf(SYSTEM, `system/ClinicalImpression.rs?${R}`, 'r')).toEqual(['note-mh-stranger', 'note-mh-missed']);
    expect(idsOf(SYSTEM, 'system/ClinicalImpression.rs?_security:not=http://x.test|N', 'r')).toEqual(['note']);
    expect(idsOf(SYSTEM, 'system/ClinicalImpression.rs?_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N', 'r')).toEqual(
      [],
    );
    expect(idsOf(SYSTEM, 'system/Bundle.cruds system/Parameters.cruds', 'c')).toEqual(['document']);
    expect(idsOf(SYSTEM, 'system/AuditEvent.cruds', 's')).toEqual(['audit']);
    expect(['c', 'u', 'd'].flatMap((letter) => idsOf(SYSTEM, 'system/AuditEvent.cruds', letter))).toEqual([]);
  });
});

describe('element rules', () => {
  it('show support staff how to reach people, and others all', () => {
    const visible = (role: Principal): readonly string[] => [
      ...(access.accessFor({ principal: role, scopes: [] }).visibleOf('Patient')?.elements ?? []),
    ];
    expect(visible(personOf('SUPPORT_STAFF'))).toEqual(['active', 'name', 'telecom', 'address', 'communication']);
    expect(EVERYONE.filter((p) => p.role !== 'SUPPORT_STAFF').flatMap(visible)).toEqual([]);
  });
});

describe('break-glass', () => {
  it('is what a super administrator does who reads records, and whoever is in an emergency', () => {
    expect(isBreakGlass(personOf('SUPER_ADMIN'), 'Observation', 'read')).toBe(true);
    expect(isBreakGlass(personOf('SUPER_ADMIN'), 'Patient', 'read')).toBe(false);
    expect(isBreakGlass(personOf('DOCTOR'), 'Observation', 'read')).toBe(false);
    expect(isBreakGlass(personOf('DOCTOR', { emergency: 'x' }), 'Patient', 'search')).toBe(true);
    expect(isBreakGlass(SYSTEM, 'Observation', 'read')).toBe(false);
    const emergency = personOf('DOCTOR', { emergency: 'x' });
    // An emergency opens no writes, and nothing that is no one's record.
    expect((['create', 'update', 'delete'] as const).some((action) => isBreakGlass(emergency, 'Patient', action))).toBe(false);
    expect(isBreakGlass(emergency, 'ValueSet', 'read')).toBe(false);
    for (const one of [emergency, personOf('SUPER_ADMIN')]) expect(isBreakGlass(one, undefined, 'search')).toBe(true);
    expect(isBreakGlass(personOf('DOCTOR'), undefined, 'search')).toBe(false);
  });

  it('is told of a route by its group', () => {
    const emergency = personOf('NURSE', { emergency: 'x' });
    expect(isGroupBreakGlass(emergency, 'vital-signs', 'read')).toBe(true);
    expect(isGroupBreakGlass(emergency, 'vital-signs', 'create')).toBe(false);
    expect(isGroupBreakGlass(emergency, 'staff', 'read')).toBe(false);
    expect(isGroupBreakGlass(personOf('SUPER_ADMIN'), 'vital-signs', 'search')).toBe(true);
    expect(isGroupBreakGlass(personOf('SUPER_ADMIN'), 'nothing', 'search')).toBe(false);
  });
});

/** Read off the scope and the JSON, without a tree. */
function scopeAllows(text: string, { resource }: Known, letter: string, principal: Principal): boolean {
  return text.split(' ').some((scope) => {
    const [, level, type, letters = '', query] = /^(\w+)\/([\w*]+)\.([a-z]+)(?:\?(.*))?$/.exec(scope) ?? [];
    if (level === 'system' || (type !== '*' && type !== resource.resourceType) || !letters.includes(letter)) return false;
    if (query !== undefined && !JSON.stringify(resource['category'] ?? '').includes('"laboratory"')) return false;
    const isShared = ['Practitioner', 'ValueSet', 'InsurancePlan'].includes(resource.resourceType);
    if (level === 'user' || isShared) return level === 'user' || letter === 'r' || letter === 's';
    if (principal.patient === undefined) return false;
    if (resource.resourceType === 'Patient') return resource.id === principal.patient;
    // A group holds several people, and is about none of them.
    if (resource.resourceType === 'Group' && !'rs'.includes(letter)) return false;
    const isInCompartment = parserDeps.definitions.compartments['Patient']?.[resource.resourceType] !== undefined;
    return isInCompartment && JSON.stringify(resource).includes(`"Patient/${principal.patient}"`);
  });
}

it('role and scopes together never show what either alone does not', () => {
  const scope = fc
    .tuple(
      fc.constantFrom('patient', 'user', 'system'),
      fc.constantFrom('*', 'Observation', 'Patient', 'ClinicalImpression', 'CarePlan', 'Appointment', 'InsurancePlan'),
      fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }),
      fc.boolean(),
    )
    .map(
      ([level, type, letters, narrow]) => `${level}/${type}.${letters.join('')}${narrow && type === 'Observation' ? `?${LABORATORY}` : ''}`,
    );
  const principal = fc.tuple(fc.constantFrom(...ROLES), fc.boolean(), fc.boolean()).map(([role, chosen, emergency]) =>
    personOf(role, {
      ...(chosen && role !== 'PATIENT' ? { patient: asResourceId('own') } : {}),
      ...(emergency ? { emergency: 'x' } : {}),
    }),
  );
  fc.assert(
    fc.property(principal, fc.array(scope, { minLength: 1, maxLength: 4 }), (who, scopes) => {
      const text = [...new Set(scopes)].join(' ');
      const both = access.accessFor({ principal: who, scopes: scopesOf(text) });
      const role = access.accessFor({ principal: who, scopes: scopesOf('user/*.cruds') });
      for (const k of WORLD) {
        for (const letter of 'cruds') {
          const [action = 'read'] = actionsOf(letter);
          const expected = allows(role, WORLD, k, action) && scopeAllows(text, k, letter, who);
          expect(`${k.resource.id} ${letter} ${allows(both, WORLD, k, action)}`).toBe(`${k.resource.id} ${letter} ${expected}`);
        }
      }
    }),
    { numRuns: longer(60) },
  );
});

it('denies everything where the consents of a clinic are not known yet', () => {
  const filter = accessWith({ deniedTo: () => ({ op: 'all' }) }).accessFor({
    principal: personOf('DOCTOR'),
    scopes: scopesOf('user/*.cruds'),
  });
  expect(allows(filter, WORLD, sample('vitals'), 'read')).toBe(false);
});
