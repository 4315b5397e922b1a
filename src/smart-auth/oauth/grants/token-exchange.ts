/** https://www.rfc-editor.org/rfc/rfc8693: the token of a person who works in a front end of ours, for a launch of an app. */
import type { ApiAnswer } from '../../../api/route.ts';
import { isResourceId } from '../../../fhir/model/ids.ts';
import { FIRST_PARTY, type TokenClaims } from '../../tokens/port.ts';
import type { Form } from '../client/authenticate.ts';
import type { OAuthDeps } from '../deps.ts';
import { answerOf, OAuthError } from '../errors.ts';
import { prepareLaunch } from '../launches.ts';
import { goodTokenOf } from '../good-token.ts';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const LAUNCH_TYPE = 'urn:nadi:params:oauth:token-type:launch';

/** No client proves itself: whoever has the person's token may start apps for that person. */
export async function tokenExchange(deps: OAuthDeps, form: Form): Promise<ApiAnswer> {
  const { account, clinic } = await personOf(deps, form);
  const { client_id: clientId = '', patient, encounter, intent } = form;
  if ([patient, encounter].some((id) => id !== undefined && !isResourceId(id)))
    throw new OAuthError('invalid_request', 'patient and encounter are ids');
  const context = {
    ...(patient === undefined ? {} : { patient }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(intent === undefined ? {} : { intent }),
  };
  const { launch, expiresIn, url } = await prepareLaunch(deps, { account, clinic, clientId, context });
  const body = {
    access_token: launch,
    issued_token_type: LAUNCH_TYPE,
    token_type: 'N_A',
    expires_in: expiresIn,
    ...(url === undefined ? {} : { url }),
  };
  return answerOf(body, 200, { clinic, account, client: clientId, reason: 'launch' });
}

async function personOf(deps: OAuthDeps, form: Form): Promise<{ account: string; clinic: TokenClaims['clinic'] }> {
  if (form['subject_token_type'] !== ACCESS_TOKEN) throw new OAuthError('invalid_request', `subject_token_type must be ${ACCESS_TOKEN}`);
  const requested = form['requested_token_type'];
  if (requested !== LAUNCH_TYPE) throw new OAuthError('invalid_request', `requested_token_type must be ${LAUNCH_TYPE}`);
  const token = await goodTokenOf(deps, form['subject_token'] ?? '');
  if (token?.claims.kind !== 'person' || token.claims.clientId !== FIRST_PARTY) {
    throw new OAuthError('invalid_grant', 'subject_token must be a token of a person who signed in with a front end of the clinic');
  }
  return { account: token.claims.sub, clinic: token.claims.clinic };
}
