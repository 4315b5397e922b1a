/** What a client may be registered as: small checks, in order; each names the place, the rule and what to do. */
import { fhirError, FhirError, issue, type Issue } from '../../fhir/outcome/error.ts';
import type { OAuthClient } from './records.ts';
import { originProblem, redirectUriProblem, webUriProblem } from './uris.ts';

export type ClientMetadata = Pick<
  OAuthClient,
  'name' | 'authMethod' | 'redirectUris' | 'launchUrl' | 'logoUri' | 'grantTypes' | 'scope' | 'jwksUri' | 'jwks' | 'origins'
>;

type Check = (client: ClientMetadata) => readonly Issue[];

const wrong = (where: string, rule: string, hint: string): Issue => issue('invalid-structure', rule, hint, where);
const eachOf =
  (where: string, list: (client: ClientMetadata) => readonly string[], problem: (text: string) => string | undefined): Check =>
  (client) =>
    list(client).flatMap((text, i) => {
      const rule = problem(text);
      return rule === undefined ? [] : [wrong(`/${where}/${i}`, rule, 'Correct it.')];
    });
const when = (isWrong: (client: ClientMetadata) => boolean, where: string, rule: string, hint: string): Check => {
  const problem = [wrong(`/${where}`, rule, hint)];
  return (client) => (isWrong(client) ? problem : []);
};

const has = (client: ClientMetadata, grant: OAuthClient['grantTypes'][number]): boolean => client.grantTypes.includes(grant);
const hasSystemScopes = ({ scope }: ClientMetadata): boolean => scope.split(' ').some((s) => s.startsWith('system/'));

const CHECKS: readonly Check[] = [
  eachOf('redirectUris', (c) => c.redirectUris, redirectUriProblem),
  eachOf('launchUrl', (c) => (c.launchUrl === undefined ? [] : [c.launchUrl]), webUriProblem),
  eachOf('logoUri', (c) => (c.logoUri === undefined ? [] : [c.logoUri]), webUriProblem),
  eachOf('jwksUri', (c) => (c.jwksUri === undefined ? [] : [c.jwksUri]), webUriProblem),
  eachOf('origins', (c) => c.origins, originProblem),
  when((c) => c.grantTypes.length === 0, 'grantTypes', 'an app uses at least one grant', 'Name authorization_code or client_credentials.'),
  when(
    (c) => has(c, 'authorization_code') && c.redirectUris.length === 0,
    'redirectUris',
    'the grant authorization_code needs a redirect URI',
    'Add one.',
  ),
  when(
    (c) => has(c, 'refresh_token') && !has(c, 'authorization_code'),
    'grantTypes',
    'refresh_token goes with authorization_code',
    'Add it.',
  ),
  when(
    (c) => has(c, 'client_credentials') && c.authMethod !== 'private_key_jwt',
    'grantTypes',
    'client_credentials needs signed assertions (SMART Backend Services)',
    'Set authMethod to private_key_jwt.',
  ),
  when(
    (c) => hasSystemScopes(c) && !has(c, 'client_credentials'),
    'scope',
    'system/ scopes go with client_credentials',
    'Leave them out, or add that grant.',
  ),
  when(
    (c) => c.authMethod === 'private_key_jwt' && (c.jwks === undefined) === (c.jwksUri === undefined),
    'jwks',
    'private_key_jwt needs either jwks or jwksUri',
    'Give one of them.',
  ),
  when(
    (c) => c.authMethod !== 'private_key_jwt' && (c.jwks !== undefined || c.jwksUri !== undefined),
    'jwks',
    'keys go with private_key_jwt',
    'Leave them out, or set authMethod to private_key_jwt.',
  ),
  (c) => (c.jwks?.keys ?? []).flatMap((key, i) => keyProblem(key).map((rule) => wrong(`/jwks/keys/${i}`, rule, 'Give the public key.'))),
];

/** Only what may verify RS384 or ES384, and nothing that is secret. */
function keyProblem(key: Readonly<Record<string, unknown>>): string[] {
  if (['d', 'p', 'q', 'k'].some((name) => name in key)) return ['must be a public key'];
  if (typeof key['kid'] !== 'string' || key['kid'] === '') return ['must have a kid'];
  const isKnown = key['kty'] === 'RSA' || (key['kty'] === 'EC' && key['crv'] === 'P-384');
  return isKnown ? [] : ['must be an RSA key (RS384) or one on P-384 (ES384)'];
}

export const clientProblems = (client: ClientMetadata): readonly Issue[] => CHECKS.flatMap((check) => check(client));

/** Throws `invalid-structure` with all that is wrong. */
export function assertClient(client: ClientMetadata): void {
  const problems = clientProblems(client);
  if (problems.length > 0) throw new FhirError(problems);
}

export const noSuchApp = (): FhirError => fhirError('not-found', 'there is no such app in this clinic', 'Check its id.', 'appId');
