/** `/auth/me` and `/auth/sessions`: what is the caller's own. */
import { Type } from 'typebox';
import { route, type KnownCall, type Route } from '../../api/route.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Errands } from '../messages/errands.ts';
import type { Channel } from '../messages/port.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Accounts, StoredAccount } from './accounts.ts';
import { codeKey, MINUTE_MS, type Codes } from './codes.ts';
import type { Guard } from './guard.ts';
import { CODE_MINUTES } from './letters.ts';
import type { Places } from './places.ts';
import type { Account } from './records.ts';
import { closed, DateTime, pageOf, PROBLEM, text } from '../../api/schemas.ts';
import { Email, LanguageCode, Phone, RoleName } from './schemas.ts';

export interface MeRouteDeps {
  readonly accounts: Accounts;
  readonly places: Places;
  readonly sessions: Sessions;
  readonly errands: Errands;
  readonly codes: Codes;
  readonly guard: Guard;
  readonly channels: ReadonlySet<Channel>;
}

export const meRoutes = (deps: MeRouteDeps): Route[] => [me(deps), changeMe(deps), confirmPhone(deps), sessionList(deps), endSession(deps)];

const TAG = 'Oneself';
const Place = closed({ clinic: text(64), name: text(300), role: RoleName, fhirUser: text(80) });
const Me = closed({
  id: text(64),
  name: text(300),
  email: Email,
  phone: Type.Optional(Phone),
  phoneVerified: Type.Boolean(),
  language: LanguageCode,
  mfa: Type.Boolean(),
  clinic: text(64),
  role: Type.Optional(RoleName),
  fhirUser: text(80),
  scope: Type.String(),
  clinics: Type.Array(Place),
});

const me = (deps: MeRouteDeps): Route =>
  route({
    method: 'GET',
    path: '/auth/me',
    summary: 'Who one is, and in which clinics',
    tag: TAG,
    rule: { own: 'one’s own account' },
    answers: { 200: Me, 401: PROBLEM },
    audit: 'rest',
    handle: async (call) => ({ status: 200, body: await view(deps, call, await ownAccount(deps, call)) }),
  });

async function view({ places }: MeRouteDeps, { identity }: KnownCall<unknown, unknown>, { id, value }: StoredAccount): Promise<object> {
  const { clinic, role, subject } = identity.principal;
  const open = await places.all(id);
  return {
    id,
    name: value.name,
    email: value.email,
    ...(value.phone === undefined ? {} : { phone: value.phone }),
    phoneVerified: value.phoneVerified === true,
    language: value.language,
    mfa: value.totp?.confirmed === true,
    clinic,
    ...(role === undefined ? {} : { role }),
    fhirUser: subject,
    scope: identity.scope,
    clinics: open.map(({ clinic: id, clinicName, role: as, fhirUser }) => ({ clinic: id, name: clinicName, role: as, fhirUser })),
  };
}

const Changes = closed({ name: Type.Optional(text(300)), phone: Type.Optional(Phone), language: Type.Optional(LanguageCode) });

const changeMe = (deps: MeRouteDeps): Route =>
  route({
    method: 'PUT',
    path: '/auth/me',
    summary: 'Changes one’s own account; a code goes to a new number, and /auth/me/phone takes it. The last one wins',
    tag: TAG,
    rule: { own: 'one’s own account' },
    body: Changes,
    answers: { 200: Me, 401: PROBLEM, 429: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const before = await ownAccount(deps, call);
      const { phone } = call.body;
      const isNew = phone !== undefined && (phone !== before.value.phone || before.value.phoneVerified !== true);
      if (isNew) await deps.guard.spend({ subject: `phone:${phone}`, address: call.address });
      const changed = await deps.accounts.change(before.id, (account) => ({
        ...account,
        ...call.body,
        ...(isNew ? { phoneVerified: false } : {}),
      }));
      const channel = (['sms', 'whatsapp'] as const).find((c) => deps.channels.has(c));
      if (isNew && channel) await deps.errands.order({ purpose: 'phone', channel, to: phone, about: before.id }, CODE_MINUTES * MINUTE_MS);
      return { status: 200, body: await view(deps, call, changed ?? before) };
    },
  });

const confirmPhone = (deps: MeRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/auth/me/phone',
    summary: 'Shows that one’s number is one’s own, by the code that was sent there',
    tag: TAG,
    rule: { own: 'one’s own number' },
    body: closed({ code: text(20) }),
    answers: { 204: null, 401: PROBLEM, 423: PROBLEM, 429: PROBLEM },
    audit: 'configuration',
    replayable: false,
    async handle(call) {
      const { id } = await ownAccount(deps, call);
      const isVerified = await deps.guard.attempt({ subject: `phone-code:${id}`, address: call.address }, async () => {
        const taken = await deps.codes.take(codeKey('phone', '', id), call.body.code);
        const verified = (account: Account): Account | undefined =>
          account.phone === taken?.about ? { ...account, phoneVerified: true } : undefined;
        return taken && (await deps.accounts.change(id, verified));
      });
      if (!isVerified)
        throw fhirError('unauthenticated', 'the code is wrong, or no good any more', 'Correct it, or set the number again.', '/code');
      return { status: 204 };
    },
  });

const SessionView = closed({
  id: text(64),
  clinic: text(64),
  device: Type.String(),
  address: Type.String(),
  createdAt: DateTime,
  lastUsedAt: DateTime,
  current: Type.Boolean(),
});

const sessionList = (deps: MeRouteDeps): Route =>
  route({
    method: 'GET',
    path: '/auth/sessions',
    summary: 'Where one is signed in',
    tag: TAG,
    rule: { own: 'one’s own sessions' },
    answers: { 200: pageOf(SessionView) },
    audit: 'rest',
    async handle(call) {
      const { id } = await ownAccount(deps, call);
      const data = (await deps.sessions.list(id)).map(({ id: session, value }) => ({
        id: session,
        clinic: value.clinic,
        device: value.device,
        address: value.address,
        createdAt: new Date(value.createdAt).toISOString(),
        lastUsedAt: new Date(value.lastUsedAt).toISOString(),
        current: session === call.identity.session,
      }));
      return { status: 200, body: { data, page: { total: data.length } } };
    },
  });

const endSession = (deps: MeRouteDeps): Route =>
  route({
    method: 'DELETE',
    path: '/auth/sessions/:id',
    summary: 'Ends one of one’s own sessions, its tokens at once',
    tag: TAG,
    rule: { own: 'one’s own sessions' },
    answers: { 204: null, 404: PROBLEM },
    audit: 'login',
    async handle(call) {
      const { id } = await ownAccount(deps, call);
      if (!(await deps.sessions.end(id, call.params['id'] ?? '')))
        throw fhirError('not-found', 'there is no such session', 'See /auth/sessions.', 'id');
      return { status: 204 };
    },
  });

async function ownAccount({ accounts }: MeRouteDeps, { identity }: KnownCall<unknown, unknown>): Promise<StoredAccount> {
  const { account } = identity.principal;
  const found = account === undefined ? undefined : await accounts.find(account);
  if (!found?.value.active) throw fhirError('unauthenticated', 'this token is nobody’s own', 'Sign in as a person.', 'Authorization');
  return found;
}
