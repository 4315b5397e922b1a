/** `/openapi.json`: OpenAPI 3.1, made of the routes themselves. https://spec.openapis.org/oas/v3.1.0 */
import type { TObject, TSchema } from 'typebox';
import type { Route, RouteRule } from './route.ts';

export interface ApiDescription {
  readonly title: string;
  readonly version: string;
  /** The public address without a final slash. */
  readonly server: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Every route, with what it takes, who may use it and what it answers. */
export function openApiOf(routes: readonly Route[], { title, version, server }: ApiDescription): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) (paths[templateOf(route.path)] ??= {})[route.method.toLowerCase()] = operationOf(route);
  return {
    openapi: '3.1.0',
    info: { title, version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: server }],
    tags: [...new Set(routes.map((r) => r.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: PROBLEM },
    },
  };
}

const PROBLEM: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'One of the closed list of error kinds.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    requestId: { type: 'string', description: 'The correlation id, as in X-Request-Id.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['rule', 'hint'],
        properties: { pointer: { type: 'string' }, rule: { type: 'string' }, hint: { type: 'string' } },
      },
    },
  },
};

const templateOf = (path: string): string => path.replace(/:([^/]+)/g, '{$1}');

function operationOf(route: Route): Json {
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: whoMay(route.rule),
    tags: [route.tag],
    security: 'open' in route.rule ? [] : [{ bearer: [] }],
    parameters: [...pathParameters(route.path), ...queryParameters(route.query), ...headerParameters(route)],
    ...(route.body
      ? { requestBody: { required: true, content: { [route.bodyType ?? 'application/json']: { schema: plain(route.body) } } } }
      : {}),
    responses: responsesOf(route),
  };
}

const operationId = ({ method, path }: Route): string => `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+/g, '_')}`;

function whoMay(rule: RouteRule): string {
  if ('open' in rule) return `Open to all: ${rule.open}`;
  return 'own' in rule ? `For people who are signed in: ${rule.own}` : `Needs the right to ${rule.action} ${rule.group}.`;
}

const pathParameters = (path: string): Json[] =>
  [...path.matchAll(/:([^/]+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));

function queryParameters(query: TObject | undefined): Json[] {
  const required = new Set(query?.required ?? []);
  return Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema: plain(schema),
  }));
}

const headerParameters = ({ method, replayable }: Route): Json[] =>
  method === 'POST' && replayable !== false
    ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 255 } }]
    : [];

function responsesOf({ answers }: Route): Json {
  const told = Object.entries(answers).map(([status, schema]): [string, Json] => [
    status,
    { description: DESCRIPTIONS[status] ?? status, ...contentOf(schema) },
  ]);
  const problem = {
    description: 'A problem',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  return { ...Object.fromEntries(told), default: problem };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted',
  204: 'Done, nothing to say',
  302: 'Goes on elsewhere',
  303: 'Goes on elsewhere',
};

function contentOf(schema: TSchema | string | null): Json {
  if (schema === null) return {};
  if (typeof schema === 'string') return { content: { [schema]: {} } };
  return { content: { 'application/json': { schema: plain(schema) } } };
}

/** The schema as JSON, without what the builder keeps for itself. */
const plain = (schema: unknown): unknown => JSON.parse(JSON.stringify(schema)) as unknown;
