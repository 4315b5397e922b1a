/** Asks as a caller with an access filter does, on the app's own stores: answers with status, headers and body as HTTP would send them. */
import { createFhir, type FhirRequest } from '../../../src/fhir/index.ts';
import { errorAnswer } from '../../../src/fhir/http/errors.ts';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import type { AccessFilter, Action, Visible } from '../../../src/fhir/model/principal.ts';
import type { Node } from '../../../src/fhir/search/ast.ts';
import type { TestApp } from '../harness.ts';

export type Rule = Node | 'all' | 'none';
/** By type, for every action or for each; `*` is any other type. What no rule names is denied. */
export type Rules = Readonly<Record<string, Rule | Partial<Record<Action, Rule>>>>;

const isRule = (rule: Rules[string]): rule is Rule => typeof rule === 'string' || 'op' in rule;

export function filterOf(rules: Rules, visible: Readonly<Record<string, Visible>> = {}): AccessFilter<Node> {
  return {
    restrict: (type, action) => {
      const rule = rules[type] ?? rules['*'] ?? 'none';
      return isRule(rule) ? rule : (rule[action] ?? 'none');
    },
    visibleOf: (type) => visible[type],
    isBreakGlass: () => false,
  };
}

export const visible = (elements: readonly string[], parameters: readonly string[]): Visible => ({
  elements: new Set(elements),
  parameters: new Set(parameters),
});

export const token = (param: string, system: string, code: string): Node => ({ op: 'token', param, system, code });
export const refersTo = (param: string, type: string, id: string): Node => ({ op: 'reference', param, type, id });

/** What tests look at in a body. */
export interface Json {
  readonly resourceType: string;
  readonly id: string;
  readonly total?: number;
  readonly meta: { readonly versionId: string; readonly tag?: readonly { readonly code: string }[] };
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly fullUrl: string;
    readonly resource: Json & Record<string, unknown>;
    readonly search: { readonly mode: string };
    readonly response: { readonly status: string; readonly etag: string };
  }[];
  readonly issue: readonly { readonly expression?: readonly string[]; readonly diagnostics: string }[];
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly json: Json & Record<string, unknown>;
}

export type Ask = (method: FhirRequest['method'], path: string, body?: object, headers?: FhirRequest['headers']) => Promise<Answered>;

/** `path` as in a URL, below the base. */
export function askerOf(app: Pick<TestApp, 'deps' | 'baseUrl' | 'faults'>): (access: AccessFilter<Node>, clinic?: string) => Ask {
  const dispatch = createFhir(app.deps);
  const log = { error: (fields: { readonly err: unknown }): void => void app.faults.push(fields.err) };
  return (access, clinic = 'demo') =>
    async (method, path, body, headers = {}) => {
      const [segments = '', query = ''] = path.replace(`${app.baseUrl}/`, '').split('?');
      const context = {
        principal: { subject: 'Practitioner/me', clinic: asClinicId(clinic) },
        access,
        requestId: 'r',
        baseUrl: app.baseUrl,
        deadline: app.deps.clock.now() + 15_000,
      };
      const request = { method, path: segments === '' ? [] : segments.split('/'), query, headers, context };
      const answer = await dispatch(body === undefined ? request : { ...request, body: Buffer.from(JSON.stringify(body)) }).catch(
        (error: unknown) => errorAnswer(error, 'r', log),
      );
      const text = Buffer.concat(answer.body ?? []).toString();
      return { status: answer.status, headers: answer.headers, text, json: (text === '' ? {} : JSON.parse(text)) as Answered['json'] };
    };
}

/** `Type/id` of what a bundle has. */
export const keysIn = ({ json }: Answered): string[] => (json.entry ?? []).map((e) => e.fullUrl.split('/').slice(-2).join('/'));

export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
