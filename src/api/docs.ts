/** `/openapi.json` and `/docs`: the routes described, and a page to try them. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, dirname } from 'node:path';
import { Type } from 'typebox';
import { openApiOf, type ApiDescription } from './openapi.ts';
import { route, type ApiAnswer, type Route } from './route.ts';

const OPEN = { open: 'a description holds no data' };
const HOUR = { 'Cache-Control': 'public, max-age=3600' };
/** The page runs nothing but its own files; the library it shows the routes with styles itself inline. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nadi: the clinic API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
`;
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: false });\n`;

/** Names of files of the library that the page needs. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

/** `described` is asked when the document is first fetched: by then all routes are known, these among them. */
export function docsRoutes(described: () => { readonly routes: readonly Route[]; readonly description: ApiDescription }): Route[] {
  const document = once(() => {
    const { routes, description } = described();
    return Buffer.from(JSON.stringify(openApiOf(routes, description)));
  });
  return [
    told('/openapi.json', 'The clinic API as OpenAPI 3.1', 'application/json', async () => document()),
    told('/docs', 'A page to read and try the clinic API', 'text/html; charset=utf-8', async () => PAGE),
    told('/docs/start.js', 'Starts that page', 'text/javascript; charset=utf-8', async () => START),
    ...Object.entries(ASSETS).map(([name, type]) =>
      told(
        `/docs/${name}`,
        'A file of that page',
        type,
        once(() => readFile(assetPath(name))),
      ),
    ),
  ];
}

function told(path: string, summary: string, type: string, body: () => Promise<string | Uint8Array>): Route {
  return route({
    method: 'GET',
    path,
    summary,
    tag: 'Documentation',
    rule: OPEN,
    query: Type.Object({}),
    answers: { 200: type },
    audit: null,
    handle: async (): Promise<ApiAnswer> => ({
      status: 200,
      headers: { 'Content-Type': type, ...HOUR, ...(type.startsWith('text/html') ? { 'Content-Security-Policy': CSP } : {}) },
      body: await body(),
    }),
  });
}

const assetPath = (name: string): string => join(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')), name);

function once<T>(make: () => T): () => T {
  const made: T[] = [];
  return () => (made[0] ??= make());
}
