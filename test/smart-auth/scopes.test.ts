import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { actionsOf, lettersOf } from '../../src/smart-auth/roles/letters.ts';
import { GROUP_NAMES, GROUPS } from '../../src/smart-auth/roles/groups.ts';
import { parseScope, parseScopes, printScope, printScopes } from '../../src/smart-auth/scopes/parse.ts';
import { boundsOfRole } from '../../src/smart-auth/scopes/role-bounds.ts';
import { isResourceScope, NAMED_SCOPES, type Scope } from '../../src/smart-auth/scopes/scope.ts';
import { cutDown, isWithin, within } from '../../src/smart-auth/scopes/sets.ts';
import { wordsOf } from '../../src/smart-auth/scopes/words.ts';
import { scopesOf, TYPES } from './world.ts';

const letters = fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }).map((l) => l.join(''));
const criteria = fc.constantFrom(
  '',
  '?category=laboratory',
  '?category=http://x.test|a,b&status=final',
  '?code:not=1%202',
  '?_security=a|R',
);
const resourceText = fc
  .tuple(fc.constantFrom('patient', 'user', 'system'), fc.constantFrom('*', ...TYPES), letters, criteria)
  .map(([level, type, of, query]) => `${level}/${type}.${of}${type === '*' ? '' : query}`);
const formText = fc
  .tuple(fc.constantFrom('patient', 'user', 'system'), fc.constantFrom('*', ...TYPES), fc.constantFrom('read', 'write', '*'))
  .map(([level, type, form]) => `${level}/${type}.${form}`);
const scopeText = fc.oneof(resourceText, formText, fc.constantFrom(...NAMED_SCOPES));

const lettersIn = (text: string): string => {
  const [scope] = scopesOf(text);
  return scope && isResourceScope(scope) ? lettersOf(scope.actions) : '';
};

describe('scopes as text', () => {
  it('print as they were written', () => {
    fc.assert(
      fc.property(scopeText, (text) => {
        const parsed = parseScope(text, TYPES);
        expect(parsed.ok && printScope(parsed.scope)).toBe(text);
      }),
    );
  });

  it('never throw, and what is understood is understood again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((s) => `user/Observation.${s}`),
        ),
        (text) => {
          const parsed = parseScope(text, TYPES);
          if (parsed.ok) expect(parseScope(printScope(parsed.scope), TYPES)).toEqual(parsed);
          else expect(parsed.reason).not.toBe('');
        },
      ),
    );
  });

  it('of SMART 1 mean letters of SMART 2', () => {
    expect(['read', 'write', '*'].map((form) => lettersIn(`user/Patient.${form}`))).toEqual(['rs', 'cud', 'cruds']);
  });

  it.each([
    ['user/Observation.sr', /in this order/],
    ['user/Observation.rr', /in this order/],
    ['user/Observation.x', /letters of cruds/],
    ['user/Observation.', /neither/],
    ['user/Foo.rs', /not a resource type of R4/],
    ['user/observation.rs', /not a resource type of R4/],
    ['group/Observation.rs', /the level is one of/],
    ['user/Observation.read?category=a', /not read, write or \*/],
    ['user/*.rs?category=a', /need a resource type/],
    ['user/Observation.rs?', /parameter=value/],
    ['user/Observation.rs?category', /parameter=value/],
    ['user/Observation.rs?category=', /parameter=value/],
    ['user/Observation.rs?a=b&&c=d', /parameter=value/],
    ['user/Observation.rs?a=b#c', /parameter=value/],
    ['user/Observation.rs"', /not a scope/],
    ['user/Observation.rs\n', /not a scope/],
    ['launch/practitioner', /neither/],
    ['fhiruser', /neither/],
    [`user/Observation.rs?code=${'x'.repeat(500)}`, /not a scope/],
  ])('%s is refused', (text, reason) => {
    const parsed = parseScope(text, TYPES);
    expect(parsed.ok ? '' : parsed.reason).toMatch(reason);
  });

  it('are split at spaces, count once, and are refused one by one', () => {
    const { scopes, refused } = parseScopes(' openid  user/Patient.rs openid nonsense ', TYPES);
    expect(printScopes(scopes)).toBe('openid user/Patient.rs');
    expect(refused.map((r) => r.text)).toEqual(['nonsense']);
    expect(parseScopes(Array.from({ length: 201 }, (_, i) => `user/Patient.rs?_id=${i}`).join(' '), TYPES).refused).toHaveLength(1);
  });
});

describe('cutDown', () => {
  it.each([
    [
      'PHARMACIST',
      'openid user/*.cruds user/MedicationRequest.cruds user/AllergyIntolerance.* user/Condition.rs',
      'openid user/*.cruds user/MedicationRequest.cruds user/AllergyIntolerance.rs',
    ],
    [
      'PATIENT',
      'launch/patient patient/Observation.cruds patient/Patient.write system/Patient.rs',
      'launch/patient patient/Observation.rs patient/Patient.u',
    ],
    ['DOCTOR', 'user/AuditEvent.rs user/Bundle.rs user/Observation.read offline_access', 'user/Observation.read offline_access'],
    ['CLINIC_ADMIN', 'user/AuditEvent.cruds', 'user/AuditEvent.rs'],
  ] as const)('%s: %s', (role, asked, kept) => {
    expect(printScopes(cutDown(scopesOf(asked), boundsOfRole(role)))).toBe(kept);
  });
});

describe('isWithin', () => {
  it.each([
    ['user/Observation.rs', 'user/*.cruds', true],
    ['user/Observation.read', 'user/Observation.rs', true],
    ['user/Observation.rs', 'user/Observation.r user/Observation.s', true],
    ['user/Observation.rs', 'user/Observation.r', false],
    ['user/*.rs', 'user/Observation.rs', false],
    ['patient/Observation.rs', 'user/Observation.rs', false],
    ['user/Observation.rs', 'patient/Observation.rs', false],
    ['user/Observation.rs?category=a', 'user/Observation.rs', true],
    ['user/Observation.rs', 'user/Observation.rs?category=a', false],
    ['user/Observation.rs?status=b&category=a', 'user/Observation.rs?category=a', true],
    ['user/Observation.rs?category=a,b', 'user/Observation.rs?category=a', false],
    ['openid', 'user/*.cruds', false],
    ['openid fhirUser', 'fhirUser openid', true],
    ['offline_access', 'online_access', false],
    ['', 'openid', true],
  ])('%s in %s: %s', (asked, granted, expected) => {
    expect(isWithin(scopesOf(asked), scopesOf(granted))).toBe(expected);
  });

  it('holds for what within() keeps, and for anything in itself', () => {
    const list = fc.array(scopeText, { maxLength: 6 }).map((texts) => scopesOf(texts.join(' ')));
    fc.assert(
      fc.property(list, list, (asked, granted) => {
        const kept = within(asked, granted);
        expect(isWithin(kept, granted) && isWithin(kept, asked)).toBe(true);
        expect(isWithin(asked, asked)).toBe(true);
        if (isWithin(asked, granted)) expect(kept).toEqual(asked);
      }),
    );
  });
});

describe('words', () => {
  const said = (text: string, language: 'en' | 'hi' = 'en'): string => {
    const { abilities, about, level } = wordsOf(scopesOf(text)[0] as Scope);
    return [...abilities, ...about, ...(level ? [level] : [])].map((w) => w[language]).join(' / ');
  };
  it.each([
    ['user/AllergyIntolerance.rs', 'see / allergies / of everyone you may see'],
    ['patient/Observation.rs', 'see / all measurements, findings and reports / of the patient chosen here'],
    ['patient/*.cruds', 'see / add / change / delete / all records / of the patient chosen here'],
    [
      'user/Observation.s?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
      'search / laboratory results / of everyone you may see',
    ],
    ['offline_access', 'keep access while you are away'],
  ])('%s', (text, expected) => {
    expect(said(text)).toBe(expected);
  });

  it('are there in Hindi for every group, level and type', () => {
    for (const name of GROUP_NAMES) expect(GROUPS[name].words.hi).toMatch(/[\u0900-\u097f]/);
    for (const type of TYPES) expect(said(`user/${type}.cruds`, 'hi')).toMatch(/^[\u0900-\u097f]/);
    for (const name of NAMED_SCOPES) expect(said(name, 'hi')).toMatch(/[\u0900-\u097f]/);
  });

  it('leave no letter out', () => {
    fc.assert(
      fc.property(letters, (of) => {
        expect(wordsOf(scopesOf(`user/Patient.${of}`)[0] as Scope).abilities.length).toBeGreaterThanOrEqual(actionsOf(of).length - 1);
      }),
    );
  });
});
