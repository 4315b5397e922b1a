/** `/auth/otp` and `/auth/mfa`: codes that are sent, and codes of an app. */
import { Type, type Static } from 'typebox';
import qrcode from 'qrcode';
import { route, type KnownCall, type Route } from '../../api/route.ts';
import { noting } from '../../api/tried.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Errands } from '../messages/errands.ts';
import type { Channel } from '../messages/port.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Accounts, StoredAccount } from './accounts.ts';
import { MINUTE_MS } from './codes.ts';
import type { Guard } from './guard.ts';
import { normalEmail } from './identifiers.ts';
import { CODE_MINUTES } from './letters.ts';
import { closed, PROBLEM, text } from '../../api/schemas.ts';
import { ClinicKey, Email, Password, Phone } from './schemas.ts';
import { SignedIn, signedIn } from './sign-in-view.ts';
import type { SignIn } from './sign-in.ts';
import type { Tickets } from './tickets.ts';
import type { SecondFactors } from './totp.ts';

export interface CodeRouteDeps {
  readonly accounts: Accounts;
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  readonly secondFactors: SecondFactors;
  readonly tickets: Tickets;
  readonly guard: Guard;
  readonly errands: Errands;
  readonly channels: ReadonlySet<Channel>;
}

export const codeRoutes = (deps: CodeRouteDeps): Route[] => [request(deps), verify(deps), enrol(deps), verifySecond(deps), remove(deps)];

const TAG = 'Signing in';
const Code = text(40);
const REFUSALS = { 401: PROBLEM, 423: PROBLEM, 429: PROBLEM, 503: PROBLEM } as const;
const byMail = { channel: Type.Literal('email'), to: Email };
const byPhone = { channel: Type.Union([Type.Literal('sms'), Type.Literal('whatsapp')]), to: Phone };
const Target = Type.Union([closed(byMail), closed(byPhone)]);
const more = { code: Code, clinic: Type.Optional(ClinicKey), deviceToken: Type.Optional(text(4000)) };
const Shown = Type.Union([closed({ ...byMail, ...more }), closed({ ...byPhone, ...more })]);

const targetOf = ({ channel, to }: Static<typeof Target>): { readonly channel: Channel; readonly to: string } => ({
  channel,
  to: channel === 'email' ? normalEmail(to) : to,
});

const request = ({ errands, guard, channels }: CodeRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/otp/request',
    summary: 'Sends a code to sign in with, if an account has shown that the address or number is theirs',
    tag: TAG,
    rule: { open: 'who signs in has no token yet' },
    body: Target,
    answers: { 202: null, 422: PROBLEM, 429: PROBLEM },
    audit: 'login',
    replayable: false,
    async handle({ body, address }) {
      const { channel, to } = targetOf(body);
      if (!channels.has(channel))
        throw fhirError('business-rule', `no provider sends by ${channel} here`, `Use one of ${[...channels].join(', ')}.`, '/channel');
      await guard.spend({ subject: `code:${channel} ${to}`, address });
      await errands.order({ purpose: 'sign-in', channel, to }, CODE_MINUTES * MINUTE_MS);
      return { status: 202 };
    },
  });

const verify = ({ signIn, sessions }: CodeRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/otp/verify',
    summary: 'Signs in with a code that was sent; a second factor is asked for all the same',
    tag: TAG,
    rule: { open: 'who signs in has no token yet' },
    body: Shown,
    answers: { 200: SignedIn, 403: PROBLEM, ...REFUSALS },
    audit: 'login',
    replayable: false,
    async handle(call) {
      const given = call.body;
      return signedIn(sessions, call, await signIn.byCode({ ...given, ...targetOf(given), address: call.address }));
    },
  });

const enrol = (deps: CodeRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/mfa/enrol',
    summary: 'Offers a secret for an authenticator app; /auth/mfa/verify makes it count',
    tag: TAG,
    rule: { own: 'one’s own second factor' },
    body: closed({ password: Password }),
    answers: {
      200: closed({ secret: Type.String(), uri: Type.String(), qr: Type.String({ description: 'SVG' }), ticket: Type.String() }),
      409: PROBLEM,
      ...REFUSALS,
    },
    audit: 'configuration',
    replayable: false,
    async handle(call) {
      const account = await confirmed(deps, call, call.body.password);
      if (account.value.totp?.confirmed) throw fhirError('conflict', 'there is a second factor already', 'Remove it first.');
      const { secret, uri } = deps.secondFactors.offer(account.value.email);
      const qr = await qrcode.toString(uri, { type: 'svg' });
      return { status: 200, body: { secret, uri, qr, ticket: deps.tickets.make('confirm-enrolment', account, { more: secret }) } };
    },
  });

const SecondFactor = closed({ ticket: text(4000), code: Code, clinic: Type.Optional(ClinicKey) });
const Enrolled = closed({ recoveryCodes: Type.Array(Type.String(), { description: 'Each is good once, in place of a code' }) });

const verifySecond = (deps: CodeRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/mfa/verify',
    summary: 'Finishes a sign-in, or an enrolment, with a code of the app; a recovery code does for a sign-in',
    tag: TAG,
    rule: { open: 'the ticket says who it is' },
    body: SecondFactor,
    answers: { 200: Type.Union([SignedIn, Enrolled]), 403: PROBLEM, 409: PROBLEM, ...REFUSALS },
    audit: 'login',
    replayable: false,
    async handle(call) {
      const given = call.body;
      if (deps.tickets.isOf('confirm-enrolment', given.ticket))
        return { status: 200, body: await confirmEnrolment(deps, given, call.address) };
      return signedIn(deps.sessions, call, await deps.signIn.bySecondFactor({ ...given, address: call.address }));
    },
  });

async function confirmEnrolment(
  { tickets, guard, secondFactors }: CodeRouteDeps,
  { ticket, code }: { readonly ticket: string; readonly code: string },
  address: string,
): Promise<{ readonly recoveryCodes: readonly string[] }> {
  const { account, more: secret = '' } = await tickets.open('confirm-enrolment', ticket);
  const attempt = { subject: `enrol:${account.id}`, address };
  return noting({ account: account.id }, async () => {
    const recoveryCodes = await guard.attempt(attempt, () => secondFactors.confirm(account.id, secret, code));
    if (!recoveryCodes) throw fhirError('unauthenticated', 'the code is wrong', 'Type the one that the app shows now.', '/code');
    return { recoveryCodes };
  });
}

const remove = (deps: CodeRouteDeps): Route =>
  route({
    method: 'DELETE',
    path: '/auth/mfa',
    summary: 'Removes one’s second factor: with the password, and a code of the app or a recovery code',
    tag: TAG,
    rule: { own: 'one’s own second factor' },
    body: closed({ password: Password, code: Code }),
    answers: { 204: null, ...REFUSALS },
    audit: 'configuration',
    async handle(call) {
      const account = await confirmed(deps, call, call.body.password);
      if (!account.value.totp) return { status: 204 };
      const attempt = { subject: `second-factor:${account.id}`, address: call.address };
      const passed = await deps.guard.attempt(attempt, async () => (await deps.secondFactors.use(account.id, call.body.code)) || undefined);
      if (!passed)
        throw fhirError('unauthenticated', 'the code is wrong, or was used before', 'Type the one that the app shows now.', '/code');
      await deps.accounts.change(account.id, ({ totp: _, ...rest }) => rest);
      return { status: 204 };
    },
  });

/** The caller's account, once they have typed its password. */
async function confirmed(deps: CodeRouteDeps, call: KnownCall<unknown, unknown>, password: string): Promise<StoredAccount> {
  const { account: id } = call.identity.principal;
  const account = id === undefined ? undefined : await deps.accounts.find(id);
  if (account && (await deps.signIn.confirms(account, password, call.address))) return account;
  throw fhirError('unauthenticated', 'the password is wrong', 'Type it again.', '/password');
}
