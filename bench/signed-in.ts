/** What sign-in costs: the same reads with a token, permission and a durable trail, and with none of them. */
import { startServer, type RunningServer } from '../tools/running-server.ts';
import { compare, load, type Comparison, type Shot } from './load.ts';
import { fill, type Scale } from './measures.ts';

const CLIENT = { id: 'bench', secret: 'bench-secret-of-a-client' };
const CLIENTS = 64;
/** Of short loads by new processes, on a machine that may be anyone's: few tell little. */
const ROUNDS = 5;
/** Connections and code are warm before anything counts. */
const WARM_SECONDS = 10;

type Environment = Readonly<Record<string, string>>;

/** Reads a second, signed in and not, of the same resources in turn. */
export async function signedInReads(environment: Environment, scale: Scale, shots: readonly Shot[]): Promise<Comparison> {
  await served({ ...environment, AUTH: 'none' }, ({ base }) => fill(`${base}/fhir/R4`, scale));
  const signedIn = { ...environment, AUTH: 'required', BOOTSTRAP_CLIENT_ID: CLIENT.id, BOOTSTRAP_CLIENT_SECRET: CLIENT.secret };
  const rate = (env: Environment, headersOf: (base: string) => Promise<Readonly<Record<string, string>>>) =>
    served(env, async ({ base }) => {
      const headers = await headersOf(base);
      await load(base, CLIENTS, WARM_SECONDS, shots, headers);
      return load(base, CLIENTS, scale.seconds, shots, headers);
    });
  return compare(
    ROUNDS,
    () => rate(signedIn, async (base) => ({ authorization: `Bearer ${await tokenOf(base)}` })),
    () => rate({ ...environment, AUTH: 'none' }, () => Promise.resolve({})),
  );
}

async function served<T>(environment: Environment, use: (server: RunningServer) => Promise<T>): Promise<T> {
  const server = await startServer({ ...environment });
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

async function tokenOf(base: string): Promise<string> {
  const response = await fetch(`${base}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.rs' }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
