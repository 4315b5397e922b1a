/** What a sign-in answers, step by step. */
import { Type } from 'typebox';
import type { ApiAnswer, ApiCall } from '../../api/route.ts';
import type { Holder, Sessions, SessionTokens } from '../sessions/sessions.ts';
import { closed, text } from '../../api/schemas.ts';
import { RoleName } from './schemas.ts';
import type { SignInStep } from './sign-in.ts';

const Ticket = text(4000, 'Good for ten minutes');
export const Tokens = closed({
  accessToken: Type.String(),
  tokenType: Type.Literal('Bearer'),
  expiresIn: Type.Integer({ description: 'Seconds' }),
  refreshToken: Type.String({ description: 'Good once' }),
  refreshExpiresIn: Type.Integer({ description: 'Seconds' }),
  scope: Type.String(),
  clinic: Type.String(),
  role: RoleName,
  fhirUser: Type.String(),
  deviceToken: Type.Optional(Type.String({ description: 'Keep it on the device, and show it at the next sign-in' })),
});
export const SignedIn = Type.Union([
  Tokens,
  closed({ mfaRequired: Type.Literal(true), ticket: Ticket }),
  closed({
    clinicRequired: Type.Literal(true),
    ticket: Ticket,
    clinics: Type.Array(closed({ clinic: Type.String(), name: Type.String(), role: RoleName })),
  }),
]);

export const holderOf = ({ headers, address }: Pick<ApiCall<unknown, unknown>, 'headers' | 'address'>): Holder => ({
  device: headers['user-agent'] ?? '',
  address,
});

/** Opens a session once all is shown; before that, says what is missing. */
export async function signedIn(sessions: Sessions, call: ApiCall<unknown, unknown>, step: SignInStep): Promise<ApiAnswer> {
  if (step.step === 'second-factor') return { status: 200, body: { mfaRequired: true, ticket: step.ticket } };
  if (step.step === 'choose-clinic') {
    const clinics = step.places.map(({ clinic, clinicName, role }) => ({ clinic, name: clinicName, role }));
    return { status: 200, body: { clinicRequired: true, ticket: step.ticket, clinics } };
  }
  const tokens = await sessions.open(step.account, step.place, holderOf(call));
  const body = { ...tokens, deviceToken: step.deviceToken };
  return { status: 200, body, audit: { ...whoIn(tokens), account: step.account.id } };
}

/** In the trail of the clinic that they signed in to. */
const whoIn = ({ clinic, role, fhirUser }: SessionTokens): NonNullable<ApiAnswer['audit']> => ({
  ...{ clinic, role, subject: fhirUser, target: fhirUser },
});

export const tokensAnswer = (tokens: SessionTokens): ApiAnswer => ({ status: 200, body: tokens, audit: whoIn(tokens) });
