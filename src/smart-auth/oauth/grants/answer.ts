/** What an app gets for a grant: the tokens, and the launch context beside them. */
import { SignJWT } from 'jose';
import type { ApiAnswer } from '../../../api/route.ts';
import type { Member, OAuthDeps } from '../deps.ts';
import { answerOf } from '../errors.ts';
import type { Grant } from '../records.ts';

const ACCESS_SECONDS = 3600;
const ID_SECONDS = 3600;

export interface Granted {
  readonly grantId: string;
  readonly grant: Grant;
  readonly member: Member;
  /** Of this access token: the grant's, or less. */
  readonly scope: string;
  readonly refreshToken?: string;
}

export const hasScope = (scope: string, name: string): boolean => scope.split(' ').includes(name);

export async function tokenAnswer(deps: OAuthDeps, granted: Granted): Promise<ApiAnswer> {
  const { grantId, grant, member, scope, refreshToken } = granted;
  const { patient, encounter } = grant.context;
  const { account, clinic, role, fhirUser } = member;
  const context = { ...(patient === undefined ? {} : { patient }), ...(encounter === undefined ? {} : { encounter }) };
  const claims = { sub: account, kind: 'person', clinic, clientId: grant.clientId, scope, sid: grantId, role, fhirUser } as const;
  const { token, expiresIn } = await deps.issuer.issue({ ...claims, ...context }, ACCESS_SECONDS);
  const body = {
    access_token: token,
    token_type: 'Bearer',
    expires_in: expiresIn,
    scope,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(hasScope(scope, 'openid') ? { id_token: await idToken(deps, granted) } : {}),
    ...contextAnswer(deps, grant),
  };
  const { clientId } = grant;
  const about = patient === undefined ? {} : { patient: `Patient/${patient}` };
  return answerOf(body, 200, { clinic, account, role, subject: fhirUser, client: clientId, reason: scope, ...about });
}

/** https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#launch-context-arrives-with-your-access_token */
function contextAnswer({ publicUrl }: OAuthDeps, { context, clinic }: Grant): object {
  const { needPatientBanner, ...told } = context;
  return {
    ...told,
    ...(context.patient === undefined ? {} : { need_patient_banner: needPatientBanner ?? true }),
    smart_style_url: `${publicUrl()}/smart-style.json`,
    tenant: clinic,
  };
}

/** https://openid.net/specs/openid-connect-core-1_0.html#IDToken, with SMART's `fhirUser` */
async function idToken({ keys, clock, publicUrl }: OAuthDeps, { grant, member, scope }: Granted): Promise<string> {
  const { kid, key } = await keys.signer('RS256');
  const issued = Math.floor(clock.now() / 1000);
  const user = hasScope(scope, 'fhirUser') || hasScope(scope, 'profile') ? fhirUserClaims(publicUrl(), member) : {};
  const nonce = grant.nonce === undefined ? {} : { nonce: grant.nonce };
  return new SignJWT({ auth_time: Math.floor(grant.signedInAt / 1000), ...nonce, ...user })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
    .setIssuer(publicUrl())
    .setSubject(member.account)
    .setAudience(grant.clientId)
    .setIssuedAt(issued)
    .setExpirationTime(issued + ID_SECONDS)
    .sign(key);
}

/** `profile` is the name that SMART 1 had for it. */
export function fhirUserClaims(
  publicUrl: string,
  { fhirUser }: Pick<Member, 'fhirUser'>,
): { readonly fhirUser: string; readonly profile: string } {
  const url = `${publicUrl}/fhir/R4/${fhirUser}`;
  return { fhirUser: url, profile: url };
}
