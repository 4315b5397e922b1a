import { describe, expect, it } from '@jest/globals';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import type { JsonObject, JsonValue } from '../../../src/fhir/model/json.ts';
import type { SearchParameter } from '../../../src/fhir/search/registry.ts';
import { compileType } from '../../../src/fhir/search/values/compile.ts';
import { createDateRange } from '../../../src/fhir/search/values/normalise/dates.ts';
import { parseExpression } from '../../../src/fhir/search/values/path/expression.ts';
import { createPlan, runPlan } from '../../../src/fhir/search/values/path/plan.ts';
import { createPathCompiler } from '../../../src/fhir/search/values/path/routes.ts';
import { definitions, examples, FIXTURES, registry, units } from './set-up.ts';

const deps = { definitions, units, dateRange: createDateRange(), codeSets: definitions.codeSets };
const parameters = [...definitions.resourceTypes].flatMap((type) => registry.all(type).map((parameter) => ({ type, parameter })));

/** Answered by columns, or not at all. */
const WITHOUT_ENTRIES = ['_id', '_lastUpdated'];

function isEmpty(type: string, parameter: SearchParameter): boolean {
  const { context, resource } = compileType(deps, type, [parameter]);
  return context.emits.length + context.branches.length + resource.branches.length === 0;
}

describe('official expressions', () => {
  it('are all compiled, but those of positions and of an element that R4 does not have', () => {
    const empty = parameters.filter(({ type, parameter }) => !WITHOUT_ENTRIES.includes(parameter.code) && isEmpty(type, parameter));
    expect(parameters.length).toBeGreaterThan(2500);
    expect(empty.map((p) => `${p.type}.${p.parameter.code}`)).toEqual(['DeviceDefinition.classification', 'Location.near']);
  });

  it('give every component of a composite something to read', () => {
    const components = parameters.flatMap(({ type, parameter }) => {
      const context = parseExpression(parameter.type === 'composite' ? parameter.expressionFor(type) : type);
      const paths = createPathCompiler(definitions, type);
      return paths
        .routes(context, { type })
        .flatMap((route) =>
          (parameter.components ?? []).map((c) => ({ name: `${type}.${parameter.code}.${c.code}`, c, element: route.element })),
        );
    });
    const unread = components.filter(({ c, element }) => {
      const plain = { ...c, base: [element.type], expressionFor: () => c.expressionFor(element.type) };
      return !c.expressionFor('').startsWith('%') && isEmpty(element.type, plain);
    });
    expect(unread.map((u) => u.name)).toEqual([]);
  });
});

describe('parseExpression', () => {
  it.each(['', 'Patient.', 'Patient.name.', 'a b', '(a', 'a)', 'a[', 'a.foo()', "a.where(b='c'", '#', "a = 'x", 'a.where()', 'a and'])(
    'refuses %p',
    (text) => {
      expect(() => parseExpression(text)).toThrow(SyntaxError);
    },
  );

  it('binds as before unions, and unions before equality', () => {
    expect(parseExpression('a as X | b')).toEqual(parseExpression('(a.as(X)) | b'));
    expect(parseExpression('a | b = 1')).toEqual(parseExpression('(a | b) = 1'));
  });
});

describe('paths', () => {
  it.each([
    ['Observation.value as Quantity', { valueQuantity: { value: 1 } }, [{ value: 1 }]],
    ['Observation.value', { valueString: 'a' }, ['a']],
    [
      "Observation.extension('u').value",
      {
        extension: [
          { url: 'u', valueString: 'a' },
          { url: 'v', valueString: 'b' },
        ],
      },
      ['a'],
    ],
    ['Observation.category[1]', { category: [{ id: 'a' }, { id: 'b' }] }, [{ id: 'b' }]],
    ['Observation.category[0].text', { category: { text: 'not an array' } }, ['not an array']],
    ['Observation.category[1]', { category: [{ id: 'a' }] }, []],
    [
      "Observation.component.where(code.text = 'x' and value.exists()).value",
      { component: [{ code: { text: 'x' }, valueString: 'a' }, { code: { text: 'x' } }, { valueString: 'b' }] },
      ['a'],
    ],
    ['Observation.nothing', {}, []],
    ['Patient.name', { name: [{}] }, []],
  ])('%s', (text, resource, expected) => {
    expect(ours('Observation', text, { resourceType: 'Observation', ...resource })).toEqual(expected);
  });

  it.each(['Observation.status is code', 'Observation.category.coding[0]', "Observation.where(status = 'x')", 'Observation.resolve()'])(
    'can not be %s',
    (text) => {
      expect(() => ours('Observation', text, { resourceType: 'Observation' })).toThrow(TypeError);
    },
  );
});

function ours(type: string, text: string, resource: JsonObject): JsonValue[] {
  const routes = createPathCompiler(definitions, type).routes(parseExpression(text), { type });
  const out = { resource, found: [] as JsonValue[] };
  runPlan(createPlan(routes.map((route) => ({ route, emit: (v: JsonValue, o: typeof out) => o.found.push(v) }))), resource, out);
  return out.found;
}

/** What the engine can't resolve is asked of the reference itself. */
const withoutResolve = (text: string): string =>
  text.replace(
    /\.where\(resolve\(\) is (\w+)\)/g,
    (_all, type: string) =>
      `.where(reference.matches('(^|/)${type}/[^/]+(/_history/.*)?$') or ((reference.empty() or reference.startsWith('urn:')) and type = '${type}'))`,
  );

/** The engine takes 1e-22 and 1e-245 for equal in a union, and doesn't see that #p is a contained patient. */
const JUSTIFIED: ReadonlySet<string> = new Set([
  'Observation.combo-code-value-concept decimal',
  'Observation.combo-code-value-quantity decimal',
  'Observation.combo-value-quantity decimal',
  'Observation.component-value-quantity decimal',
  'Observation.patient 10minute-apgar-score',
  'Observation.patient 1minute-apgar-score',
  'Observation.patient 20minute-apgar-score',
  'Observation.patient 2minute-apgar-score',
  'Observation.patient 5minute-apgar-score',
  'QuestionnaireResponse.patient 3141',
]);

describe('values found', () => {
  const resources = Map.groupBy([...FIXTURES, ...examples(2)], (r) => String(r['resourceType']));
  it.each([...resources])('are those that FHIRPath finds: %s', (type, of) => {
    const unlike: string[] = [];
    for (const parameter of registry.all(type)) {
      const text = parameter.expressionFor(type);
      if (parseExpression(text).op === 'and') continue;
      const theirs = fhirpath.compile(withoutResolve(text), r4) as (resource: JsonObject) => JsonValue[];
      for (const resource of of) {
        const name = `${type}.${parameter.code} ${String(resource['id'])}`;
        if (!JUSTIFIED.has(name) && asSet(ours(type, text, resource)) !== asSet(theirs(structuredClone(resource)))) unlike.push(name);
      }
    }
    expect(unlike).toEqual([]);
  });
});

/** Unions have no duplicates in FHIRPath; an element of extensions alone has no value. */
const asSet = (values: readonly JsonValue[]): string =>
  [...new Set(values.filter((v) => v !== null && v !== undefined).map((v) => JSON.stringify(v)))].sort().join();
