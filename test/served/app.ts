/** An app that someone lets in: registered by the administrator, allowed by forms as a browser without scripts sends them. */
import type { Ask, Told } from './ask.ts';
import { pkce, present, type Fields, type Pkce } from '../smart-auth/oauth/pkce.ts';
import { PASSWORD, type Clinic, type Person, type ServedWorld } from './world.ts';

export const CALLBACK = 'https://app.example/callback';

export interface App {
  readonly clientId: string;
  readonly secret?: string;
}

export async function registerApp(world: ServedWorld, more: Readonly<Record<string, unknown>> = {}, clinic: Clinic = 'demo'): Promise<App> {
  const { token } = world.person(clinic, 'CLINIC_ADMIN');
  const { status, body, text } = await world.ask(`/clinics/${clinic}/apps`, {
    token,
    json: {
      name: 'Growth chart',
      authMethod: 'none',
      redirectUris: [CALLBACK],
      grantTypes: ['authorization_code', 'refresh_token'],
      scope: 'openid fhirUser offline_access launch/patient patient/*.cruds user/*.cruds',
      ...more,
    },
  });
  if (status !== 201) throw new Error(text);
  const secret = body['clientSecret'];
  return { clientId: String(body['clientId']), ...(typeof secret === 'string' ? { secret } : {}) };
}

export const proof = pkce;

export const authorizeUrl = (world: ServedWorld, { clientId }: App, { challenge }: Pkce, more: Fields = {}): string => {
  const fields: Fields = {
    ...{ response_type: 'code', client_id: clientId, redirect_uri: CALLBACK, state: 'xyz', aud: `${world.url}/fhir/R4` },
    ...{ scope: 'openid fhirUser offline_access patient/*.rs', code_challenge: challenge, code_challenge_method: 'S256' },
    ...more,
  };
  return `/oauth2/authorize?${new URLSearchParams(present(fields)).toString()}`;
};

/** Cookies of one browser. */
function browserOf(ask: Ask): (path: string, form?: Record<string, string>) => Promise<Told> {
  const jar = new Map<string, string>();
  return async (path, form) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const told = await ask(path, { headers: { cookie, 'sec-fetch-site': 'same-origin' }, ...(form ? { form } : {}) });
    for (const set of told.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return told;
  };
}

const hidden = ({ text }: Told): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
const ticked = ({ text }: Told): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/type="checkbox" name="([^"]+)" value="on"/g)].map(([, name = '']) => [name, 'on']));
const whereTo = ({ headers }: Told): string => headers.get('location') ?? '';

/**
 * Signs in, allows all that is asked, for `patient` where one must be picked, and resolves to where the browser is sent: the
 * app's address with a code, or an error.
 */
export async function allow(world: ServedWorld, person: Person, url: string, { patient }: { patient?: string } = {}): Promise<URL> {
  const browse = browserOf(world.ask);
  const begun = whereTo(await browse(url));
  if (!begun.includes('/oauth2/login')) return new URL(begun);
  const login = await browse(begun);
  const signedIn = await browse('/oauth2/login', { ...hidden(login), email: person.email, password: PASSWORD });
  const consent = await browse(`${whereTo(signedIn)}${patient === undefined ? '' : `&patient=${patient}`}`);
  const decided = await browse('/oauth2/consent', { ...hidden(consent), ...ticked(consent), decision: 'allow' });
  const found = whereTo(decided) === '' ? /id="continue" href="([^"]+)"/.exec(decided.text)?.[1] : whereTo(decided);
  if (found === undefined) throw new Error(decided.text);
  return new URL(found.replaceAll('&amp;', '&'));
}

export const redeem = (
  world: ServedWorld,
  { clientId }: App,
  code: string,
  { verifier }: Pkce,
  more: Record<string, string> = {},
): Promise<Told> =>
  world.ask('/oauth2/token', {
    form: { grant_type: 'authorization_code', client_id: clientId, code, redirect_uri: CALLBACK, code_verifier: verifier, ...more },
  });

export const codeFor = async (world: ServedWorld, person: Person, app: App, shown: Pkce, more: Fields = {}): Promise<string> =>
  (await allow(world, person, authorizeUrl(world, app, shown, more))).searchParams.get('code') ?? '';

/** A whole launch: what the token endpoint answers. */
export async function tokensFor(world: ServedWorld, person: Person, app: App, scope: string): Promise<Readonly<Record<string, unknown>>> {
  const shown = proof();
  const { status, body, text } = await redeem(world, app, await codeFor(world, person, app, shown, { scope }), shown);
  if (status !== 200) throw new Error(text);
  return body;
}
