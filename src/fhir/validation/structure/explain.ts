/** What the issues of the structure check say. Values of elements are never repeated: they may be about a patient. */
import type { JsonObject } from '../../model/json.ts';
import type { ConstraintModel } from '../../model/types.ts';
import { narrativeFault } from '../narrative/narrative.ts';
import { nearest } from './nearest.ts';
import { SIBLING, type PropertyPlan, type TypePlan } from './plan.ts';
import { isFull, placeIn, placeOf, report, shownName, type Walk } from './trail.ts';

const MAX_LISTED = 12;
const MAX_EXPRESSION = 200;

export function reportUnknown(walk: Walk, type: TypePlan, name: string): void {
  if (isFull(walk)) return;
  const options = [...type.properties.values()].filter((p) => p.element.choice === name).map((p) => p.key);
  const meant = nearest(name, type.properties.keys());
  const hint =
    options.length > 0
      ? `name the type of the value: ${listed(options.filter((o) => !o.startsWith('_')))}`
      : meant === undefined
        ? 'remove it, or carry what it says in an extension'
        : `did you mean ${meant}?`;
  report(walk, 'invalid-structure', `${placeOf(walk)}.${shownName(name)}`, `is not an element of ${type.name} in R4`, hint);
}

/** An element that is not of the JSON form that its type has. */
export function reportForm(walk: Walk, property: PropertyPlan, value: unknown, index?: number): void {
  if (isFull(walk)) return;
  const where = placeIn(walk, property, index);
  const expected = property.kind === SIBLING ? 'an object with id or extension' : expectedForm(property);
  if (Array.isArray(value) && value.length > 0 && index === undefined) {
    report(walk, 'invalid-structure', where, 'occurs at most once, so it is not an array', `send ${expected} without [ ]`);
  } else {
    report(walk, 'invalid-structure', where, `must be ${expected}, not ${formOf(value)}`, emptyHint(value) ?? `send ${expected}`);
  }
}

const emptyHint = (value: unknown): string | undefined => (value === null ? 'leave the element out if it has no value' : undefined);

function expectedForm(property: PropertyPlan): string {
  if (property.form) return `a JSON ${property.form.json}`;
  return `a JSON object of type ${property.element.type}`;
}

function formOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty object' : 'an object';
  return value === '' ? 'an empty string' : `a ${typeof value}`;
}

/** An element that may repeat, and is no array or an empty one. */
export function reportNoArray(walk: Walk, property: PropertyPlan, value: unknown): void {
  const where = placeIn(walk, property);
  if (Array.isArray(value))
    report(walk, 'invalid-structure', where, 'must not be an empty array', 'leave the element out if it has no value');
  else report(walk, 'invalid-structure', where, `may repeat, so it is an array, not ${formOf(value)}`, 'put the value in [ ]');
}

/** A value that its primitive type refuses. */
export function reportPrimitive(walk: Walk, property: PropertyPlan, value: unknown, index?: number): void {
  if (isFull(walk)) return;
  const { form } = property;
  if (!form || typeof value !== form.json) return reportForm(walk, property, value, index);
  const where = placeIn(walk, property, index);
  if (value === '') return report(walk, 'invalid-value', where, 'must not be an empty string', 'leave the element out if it has no value');
  if (property.codes && typeof value === 'string') return reportCode(walk, property, value, where);
  if (property.element.type === 'xhtml' && typeof value === 'string') return reportNarrative(walk, value, where);
  report(walk, 'invalid-value', where, `must be ${form.rule}`, form.hint);
}

function reportCode(walk: Walk, property: PropertyPlan, code: string, where: string): void {
  const codes = [...(property.codes?.values() ?? [])].flatMap((c) => [...c]);
  const meant = nearest(code, codes);
  const rule = `must be one of ${listed(codes)} (required binding to ${property.element.required ?? ''})`;
  report(walk, 'invalid-code', where, rule, meant === undefined ? 'use one of these codes' : `did you mean ${meant}?`);
}

function reportNarrative(walk: Walk, text: string, where: string): void {
  const fault = narrativeFault(text);
  if (!fault) return;
  const isForm = fault.key === 'form';
  const hint = isForm
    ? 'send one div of well-formed XHTML; write & as &amp; and < as &lt;'
    : 'keep to the elements and attributes that narrative.html allows';
  report(walk, isForm ? 'invalid-value' : 'invariant', where, isForm ? fault.what : `${fault.key}: ${fault.what}`, hint);
}

export const listed = (names: readonly string[]): string =>
  names.length > MAX_LISTED ? `${names.slice(0, MAX_LISTED).join(', ')} and ${names.length - MAX_LISTED} more` : names.join(', ');

/** Elements that the definition asks for. */
export function reportMissing(walk: Walk, type: TypePlan, seen: number): void {
  const missing = new Map(
    [...type.properties.values()].filter((p) => p.kind !== SIBLING && (p.bit & type.required & ~seen) !== 0).map((p) => [p.label, p]),
  );
  for (const property of missing.values()) {
    const { choice } = property.element;
    const hint = choice === undefined ? `add ${property.key}` : `add one of ${listed(optionsOf(type, choice))}`;
    report(walk, 'invalid-structure', placeIn(walk, property), `is required in ${type.name} (minimum ${property.element.min})`, hint);
  }
}

const optionsOf = (type: TypePlan, choice: string): string[] =>
  [...type.properties.values()].filter((p) => p.element.choice === choice && p.kind !== SIBLING).map((p) => p.key);

/** Two values where the definition offers a choice. `_valueString` beside `valueString` is one. */
export function reportChoice(walk: Walk, type: TypePlan, property: PropertyPlan, value: JsonObject): void {
  if (isFull(walk)) return;
  const given = optionsOf(type, property.label).filter((k) => Object.hasOwn(value, k) || Object.hasOwn(value, '_' + k));
  const where = placeIn(walk, property);
  if (given.length < 2 || walk.issues.some((i) => i.where === where)) return;
  report(walk, 'invalid-structure', where, `only one of ${listed(given)} may be there`, 'keep one of them');
}

export function reportInvariant(walk: Walk, { key, human, expression }: ConstraintModel): void {
  const condition = expression.length > MAX_EXPRESSION ? `the standard's rule ${key} holds` : expression;
  report(walk, 'invariant', placeOf(walk), `${key}: ${human.trim()}`, `see to it that ${condition}`);
}

export function reportNoContent(walk: Walk, value: JsonObject): void {
  const isEmpty = Object.keys(value).length === 0;
  if (isEmpty) report(walk, 'invalid-structure', placeOf(walk), 'must not be an empty object', 'leave the element out if it has no value');
  else
    report(
      walk,
      'invariant',
      placeOf(walk),
      'ele-1: an element must have a value or children, not only an id',
      'give it a value, or leave it out',
    );
}
