/** Scopes from text and back. What isn't known is refused with a reason, never guessed. */
import { actionsOf, LETTERS, lettersOf } from '../roles/letters.ts';
import { NAMED_SCOPES, type Level, type ResourceScope, type Scope } from './scope.ts';

export type ParsedScope =
  { readonly ok: true; readonly scope: Scope } | { readonly ok: false; readonly text: string; readonly reason: string };

export interface ParsedScopes {
  readonly scopes: readonly Scope[];
  readonly refused: readonly { readonly text: string; readonly reason: string }[];
}

const LEVELS: readonly Level[] = ['patient', 'user', 'system'];
/** What SMART 1's words stand for. */
const FORMS = { read: 'rs', write: 'cud', '*': 'cruds' } as const;
const RESOURCE = /^([a-z]+)\/([A-Za-z]+|\*)\.([a-z]+|\*)(?:\?(.*))?$/s;
/** Scope tokens are printable ASCII without quotes and backslashes (RFC 6749, section 3.3). */
const TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const PAIR = /^[A-Za-z_][A-Za-z0-9_.:-]*=[^=&?#]+(?:=[^&?#]*)?$/;
const MAX_LENGTH = 500;
const MAX_SCOPES = 200;

/** Splits at spaces; a scope given twice counts once. */
export function parseScopes(text: string, types: ReadonlySet<string>): ParsedScopes {
  const texts = [...new Set(text.split(' ').filter((t) => t !== ''))];
  const parsed = texts.slice(0, MAX_SCOPES).map((t) => parseScope(t, types));
  const beyond = texts.slice(MAX_SCOPES).map((t) => ({ text: t, reason: `more than ${MAX_SCOPES} scopes` }));
  return {
    scopes: parsed.flatMap((p) => (p.ok ? [p.scope] : [])),
    refused: [...parsed.flatMap((p) => (p.ok ? [] : [{ text: p.text, reason: p.reason }])), ...beyond],
  };
}

/** `types`: the resource types of R4. */
export function parseScope(text: string, types: ReadonlySet<string>): ParsedScope {
  const refused = (reason: string): ParsedScope => ({ ok: false, text, reason });
  if (text.length > MAX_LENGTH || !TOKEN.test(text)) return refused('not a scope: at most 500 printable characters without quotes');
  const name = NAMED_SCOPES.find((n) => n === text);
  if (name) return { ok: true, scope: { kind: 'named', name } };
  const [, level = '', type = '', actions = '', criteria] = RESOURCE.exec(text) ?? [];
  if (level === '') return refused('neither a scope of SMART nor of the form level/Type.cruds');
  if (!isLevel(level)) return refused(`the level is one of ${LEVELS.join(', ')}`);
  if (type !== '*' && !types.has(type)) return refused(`${type} is not a resource type of R4`);
  return withActions(refused, { level, type, actions, criteria });
}

const isLevel = (text: string): text is Level => LEVELS.some((l) => l === text);

interface Parts {
  readonly level: Level;
  readonly type: string;
  readonly actions: string;
  readonly criteria: string | undefined;
}

function withActions(refused: (reason: string) => ParsedScope, { level, type, actions, criteria }: Parts): ParsedScope {
  const form = isForm(actions) ? actions : undefined;
  const letters = form ? FORMS[form] : actions;
  if (lettersOf(actionsOf(letters)) !== letters)
    return refused(`after the dot come letters of ${LETTERS.join('')}, in this order, or read, write, *`);
  const scope: ResourceScope = { kind: 'resource', level, type, actions: actionsOf(letters), ...(form ? { form } : {}) };
  if (criteria === undefined) return { ok: true, scope };
  if (form) return refused('criteria follow letters of cruds only, not read, write or *');
  if (type === '*') return refused('criteria need a resource type, not *');
  if (!criteria.split('&').every((pair) => PAIR.test(pair))) return refused('criteria are of the form parameter=value, joined by &');
  return { ok: true, scope: { ...scope, criteria } };
}

const isForm = (text: string): text is keyof typeof FORMS => Object.hasOwn(FORMS, text);

export function printScope(scope: Scope): string {
  if (scope.kind === 'named') return scope.name;
  const query = scope.criteria === undefined ? '' : `?${scope.criteria}`;
  return `${scope.level}/${scope.type}.${scope.form ?? lettersOf(scope.actions)}${query}`;
}

export const printScopes = (scopes: readonly Scope[]): string => scopes.map(printScope).join(' ');
