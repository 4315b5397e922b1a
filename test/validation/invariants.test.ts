import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/fhir/model/json.ts';
import { compileInvariant } from '../../src/fhir/validation/invariants/compile.ts';
import { EXCEPTIONS } from '../../src/fhir/validation/invariants/exceptions.ts';
import type { Scope } from '../../src/fhir/validation/invariants/items.ts';
import { compareMoments } from '../../src/fhir/validation/invariants/moments.ts';
import { definitions, validator } from './set-up.ts';

const scopeOf = (resource: JsonObject): Scope => ({ resource, rootResource: resource, context: resource, budget: 1000, memo: new Map() });
const holds = (expression: string, type: string, value: JsonObject): boolean =>
  compileInvariant(definitions, expression, type)(value, scopeOf(value));

const OBSERVATION: JsonObject = {
  resourceType: 'Observation',
  status: 'final',
  code: {
    coding: [
      { system: 's', code: 'a' },
      { system: 's', code: 'b' },
    ],
  },
  valueQuantity: { value: 5, unit: 'mg' },
  _issued: { extension: [{ url: 'http://x.org/y', valueCode: 'z' }] },
  component: [
    { code: { text: 'x' }, valueInteger: 1 },
    { code: { text: 'y' }, valueInteger: 2 },
  ],
};

/** Expressions that are true, and some that are not, or neither. */
const EXPRESSIONS: [expression: string, result: boolean][] = [
  ["status = 'final'", true],
  ["status != 'final'", false],
  ["status = 'final' and value.exists()", true],
  ["status in ('final' | 'amended')", true],
  ["('final' | 'amended') contains status", true],
  ["status in ('amended' | 'x')", false],
  ['value.value > 4 and value.value <= 5 and value.value < 6 and value.value >= 5', true],
  ['value.value > 5', false],
  ['value is Quantity', true],
  ['value is string', false],
  ['(value as Quantity).value = 5', true],
  ['(value as string).empty()', true],
  ['issued.exists() and issued.hasValue().not()', true],
  ['status.hasValue()', true],
  ['note.empty()', true],
  ['note.exists()', false],
  ['note.exists() implies status.empty()', true],
  ['status.exists() implies note.exists()', false],
  ['note.exists() xor status.exists()', true],
  ['component.count() = 2', true],
  ['component.count() + code.count() = 3', true],
  ['component.all(code.exists())', true],
  ["component.all(code.text = 'x')", false],
  ["component.where(code.text = 'x').exists()", true],
  ["component.exists(code.text = 'z')", false],
  ['component.value.isDistinct()', true],
  ['component.select(code.text).combine(component.code.text).isDistinct()', false],
  ["component.first().code.text = 'x'", true],
  ["component.tail().code.text = 'y'", true],
  ['component.code.intersect(%resource.component.code).count() = 2', true],
  ["component.all(%resource.status = 'final')", true],
  ["component.all(%context.component.first().code.text = 'x')", true],
  ["Observation.status = 'final'", true],
  ["status.startsWith('fin') and status.contains('na')", true],
  ["status.matches('^f.*l$')", true],
  ["status.matches('x')", false],
  ["status.replaceMatches('f.', 'x') = 'xnal'", true],
  ["'1' & note.text & '2' = '12'", true],
  ["'12'.toInteger() = 12", true],
  ["value.value.toString() = '5'", true],
  ["iif(status = 'final', note.empty(), note.exists())", true],
  ['descendants().code.exists()', true],
  ['children().coding.count() = 2', true],
  ['(code | code).count() = 1', true],
  ['component.select(value > 1).allFalse()', false],
  // Neither true nor false: not broken.
  ["note.text = 'x'", true],
  ["issued <= '2020'", true],
];

it.each(EXPRESSIONS)('%s is %s', (expression, result) => {
  expect(holds(expression, 'Observation', OBSERVATION)).toBe(result);
});

it.each(['status.foo()', '%unknown', 'status = ', 'status ~ 1', '(status', '@2020'])('refuses %s', (expression) => {
  expect(() => compileInvariant(definitions, expression, 'Observation')).toThrow();
});

it.each<[string, string, number | undefined]>([
  ['2020', '2021', -1],
  ['2020-05', '2020', undefined],
  ['2020-05-01', '2020-05-01', 0],
  ['2020-05-02', '2020-05-01', 1],
  ['2020-05-01T10:00:00Z', '2020-05-01T12:00:00+02:00', 0],
  ['2020-05-01T10:00:00Z', '2020-05-01T11:00:00+02:00', 1],
  ['2020-05-01T10:00:00.500Z', '2020-05-01T10:00:00Z', 1],
  ['2020-05-01', '2020-05-01T10:00:00Z', undefined],
  ['2020-04-29', '2020-05-01T10:00:00Z', -1],
  ['2020-06', '2020-05-01T10:00:00Z', 1],
])('%s against %s', (left, right, order) => {
  const result = compareMoments(left, right);
  expect(result === undefined ? undefined : Math.sign(result)).toBe(order);
});

describe('the invariants of R4', () => {
  const constraints = Object.values(definitions.types).flatMap((type) => [
    ...type.constraints.map((c) => ({ ...c, type: type.name, on: type.name })),
    ...type.elements.flatMap((e) => (e.constraints ?? []).map((c) => ({ ...c, type: e.type, on: `${type.name}.${e.name}` }))),
  ]);
  const isException = (c: { key: string; on: string }) => EXCEPTIONS.some((e) => e.key === c.key && e.on === c.on);

  it('compile, all of them', () => {
    const evaluated = constraints.filter((c) => !isException(c));
    expect(evaluated.length).toBeGreaterThan(240);
    for (const { expression, type } of evaluated) expect(() => compileInvariant(definitions, expression, type)).not.toThrow();
  });

  it('have exceptions only where they exist', () => {
    expect(EXCEPTIONS.filter((e) => !constraints.some((c) => c.key === e.key && c.on === e.on))).toEqual([]);
  });
});

it('gives up on what would take too long, and says so', () => {
  const coding = Array.from({ length: 3000 }, (_, i) => ({ system: 'http://x.org', code: `c${i}` }));
  const issues = validator.check({
    resourceType: 'Observation',
    status: 'final',
    code: { coding },
    valueString: 'x',
    component: [{ code: { coding: coding.map((c) => ({ ...c, display: 'x' })) } }],
  });
  expect(issues.map((i) => `${i.kind} ${i.where ?? ''}`)).toEqual(['too-costly Observation']);
});
