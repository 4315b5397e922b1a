/** https://openid.net/specs/openid-connect-core-1_0.html#UserInfo */
import type { ApiAnswer, ApiIdentity } from '../../api/route.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { ACCOUNT, PLATFORM } from '../accounts/records.ts';
import type { OAuthDeps } from './deps.ts';
import { answerOf } from './errors.ts';
import { fhirUserClaims, hasScope } from './grants/answer.ts';
import { memberOf } from './members.ts';

/** Throws `forbidden` for a token without the scope openid. */
export async function userinfo(deps: OAuthDeps, { principal, scope }: ApiIdentity): Promise<ApiAnswer> {
  const { account, clinic } = principal;
  if (account === undefined || !hasScope(scope, 'openid')) {
    throw fhirError('forbidden', 'this token says nothing about a person', 'Ask for the scope openid.', 'scope');
  }
  const [member, person] = await Promise.all([memberOf(deps.records, account, clinic), deps.records.get(ACCOUNT, PLATFORM, account)]);
  const user = member && (hasScope(scope, 'fhirUser') || hasScope(scope, 'profile')) ? fhirUserClaims(deps.publicUrl(), member) : {};
  const name = person && hasScope(scope, 'profile') ? { name: person.value.name } : {};
  return answerOf({ sub: account, ...user, ...name });
}
