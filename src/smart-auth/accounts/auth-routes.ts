/** `/auth`: signing up, in and out, and passwords. Answers don't tell whether an account exists. */
import { Type } from 'typebox';
import { route, type Route } from '../../api/route.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Credentials } from './credentials.ts';
import { asSeen } from './era.ts';
import type { Places } from './places.ts';
import type { Registrations } from './registration.ts';
import { closed, PROBLEM, text } from '../../api/schemas.ts';
import { ClinicKey, Email, LanguageCode, Name, Password } from './schemas.ts';
import { holderOf, SignedIn, signedIn, Tokens, tokensAnswer } from './sign-in-view.ts';
import type { SignIn } from './sign-in.ts';
import { fhirError } from '../../fhir/outcome/error.ts';

export interface AuthRouteDeps {
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  readonly registrations: Registrations;
  readonly credentials: Credentials;
  readonly places: Places;
}

export const authRoutes = (deps: AuthRouteDeps): Route[] => [
  register(deps),
  verifyEmail(deps),
  login(deps),
  refresh(deps),
  logout(deps),
  forgotPassword(deps),
  resetPassword(deps),
  changePassword(deps),
];

const TAG = 'Signing in';
/** Of those who try to get in: they have no token yet. */
const OPEN = { open: 'who signs in has no token yet' };
const Token = text(4000);
const REFUSALS = { 401: PROBLEM, 422: PROBLEM, 423: PROBLEM, 429: PROBLEM, 503: PROBLEM } as const;

const Registration = closed({
  ...Name,
  email: Email,
  password: Password,
  language: Type.Optional(LanguageCode),
  clinic: Type.Optional(ClinicKey),
});

const register = ({ registrations }: AuthRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/register',
    summary: 'Starts an account of one’s own; a code goes to the address, and /auth/verify-email takes it with the ticket',
    tag: TAG,
    rule: OPEN,
    body: Registration,
    answers: { 202: closed({ ticket: Token }), 403: PROBLEM, ...REFUSALS },
    audit: 'login',
    replayable: false,
    async handle({ body, address }) {
      const { email, password, language = 'en', clinic, ...name } = body;
      const ticket = await registrations.register({ email, password, name, language, clinic, address });
      return { status: 202, body: { ticket } };
    },
  });

const verifyEmail = ({ registrations }: AuthRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/verify-email',
    summary: 'Finishes an account: the ticket of /auth/register with the code that was sent',
    tag: TAG,
    rule: OPEN,
    body: closed({ ticket: Token, code: text(20) }),
    answers: { 204: null, ...REFUSALS },
    audit: 'login',
    replayable: false,
    async handle({ body, address, publicUrl, requestId }) {
      await registrations.verify({ ...body, address, publicUrl, requestId });
      return { status: 204 };
    },
  });

const Login = Type.Union([
  closed({ email: Email, password: Password, clinic: Type.Optional(ClinicKey), deviceToken: Type.Optional(Token) }),
  closed({ ticket: Token, clinic: ClinicKey }),
]);

const login = ({ signIn, sessions }: AuthRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/login',
    summary: 'Signs in by password, for one clinic; where several are open and none is named, answers with a choice',
    tag: TAG,
    rule: OPEN,
    body: Login,
    answers: { 200: SignedIn, 403: PROBLEM, ...REFUSALS },
    audit: 'login',
    replayable: false,
    async handle(call) {
      const given = call.body;
      const step = 'ticket' in given ? signIn.byChoice(given) : signIn.byPassword({ ...given, address: call.address });
      return signedIn(sessions, call, await step);
    },
  });

const refresh = ({ sessions }: AuthRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/refresh',
    summary: 'New tokens for a refresh token, which is spent by it; a spent one ends the session',
    tag: TAG,
    rule: { open: 'the refresh token says who it is' },
    body: closed({ refreshToken: Token }),
    answers: { 200: Tokens, 401: PROBLEM },
    audit: 'token',
    replayable: false,
    handle: async (call) => tokensAnswer(await sessions.refresh(call.body.refreshToken, holderOf(call))),
  });

const logout = ({ sessions }: AuthRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/logout',
    summary: 'Ends the session of a refresh token, and its access tokens',
    tag: TAG,
    rule: { open: 'the access token may have ended before' },
    body: closed({ refreshToken: Token }),
    answers: { 204: null },
    audit: 'login',
    replayable: false,
    async handle({ body }) {
      await sessions.endByToken(body.refreshToken);
      return { status: 204 };
    },
  });

const forgotPassword = ({ credentials }: AuthRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/forgot-password',
    summary: 'Sends a link to choose a new password, if the address has an account',
    tag: TAG,
    rule: OPEN,
    body: closed({ email: Email }),
    answers: { 202: null, 429: PROBLEM },
    audit: 'login',
    replayable: false,
    async handle({ body, address }) {
      await credentials.forgot(body.email, address);
      return { status: 202 };
    },
  });

const resetPassword = ({ credentials }: AuthRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/reset-password',
    summary: 'Sets the password with the token of a link, which is good once; ends all sessions and lifts locks',
    tag: TAG,
    rule: OPEN,
    body: closed({ token: Token, password: Password }),
    answers: { 204: null, ...REFUSALS },
    audit: 'login',
    replayable: false,
    async handle({ body, address }) {
      const account = await credentials.reset(body.token, body.password, address);
      return { status: 204, audit: { account } };
    },
  });

const changePassword = ({ credentials, sessions, places }: AuthRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/change-password',
    summary: 'Sets one’s password; ends all sessions and opens a new one',
    tag: TAG,
    rule: { own: 'one’s own password' },
    body: closed({ currentPassword: Password, newPassword: Password }),
    answers: { 200: Tokens, ...REFUSALS },
    audit: 'login',
    replayable: false,
    async handle(call) {
      const { account = '', clinic } = call.identity.principal;
      const { currentPassword, newPassword } = call.body;
      const changed = await credentials.change(account, currentPassword, newPassword, call.address);
      const place = await places.find(account, clinic);
      if (!place)
        throw fhirError('unauthenticated', 'the password is changed, but this account has no place here any more', 'Sign in again.');
      return tokensAnswer(await sessions.open(asSeen(changed), place, holderOf(call)));
    },
  });
