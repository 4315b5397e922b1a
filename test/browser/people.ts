/** The served world of these tests: who works and who is treated in its two clinics. */
import { setTimeout as wait } from 'node:timers/promises';
import { generate } from 'otplib';
import { openServedWorld, PASSWORD, type Clinic, type Newcomer, type Person, type ServedWorld } from '../served/world.ts';

export interface Someone extends Person {
  readonly name: string;
  readonly password: string;
}

export interface Doctor extends Someone {
  /** Of their authenticator app. */
  readonly totp: string;
  readonly recoveryCodes: readonly string[];
}

export interface App {
  readonly id: string;
  /** Where it has one. */
  readonly secret: string;
}

export interface World extends ServedWorld {
  /** Of `demo`, with a second factor. */
  readonly doctor: Doctor;
  /** Patient/meera of `demo`. */
  readonly patient: Someone;
  /** Of both clinics. */
  readonly nurse: Someone;
  /** Registers an app as the clinic does. */
  register(app: Readonly<Record<string, unknown>>, clinic?: Clinic): Promise<App>;
}

const NAMES = { demo: 'Sanjeevani Clinic, Pune', second: 'Dhanvantari Clinic, Kochi' } as const;

/** On SQLite: what people see doesn't hang on the store, and what apps are told is tried on both elsewhere. */
export async function openWorld(): Promise<World> {
  const world = await openServedWorld('sqlite', {}, []);
  const admin = world.person('demo', 'SUPER_ADMIN').token;
  for (const clinic of ['demo', 'second'] as const) await told(world, 'PUT', `/clinics/${clinic}`, admin, { name: NAMES[clinic] });
  await addPatients(world);
  const someone = async (who: Newcomer): Promise<Someone> => ({
    ...(await world.invite('demo', who)),
    name: `${who.givenName} ${who.familyName ?? ''}`,
    password: PASSWORD,
  });
  const nurse = await someone({ role: 'NURSE', email: 'anand@clinic.example', givenName: 'Anand', familyName: 'Pillai' });
  await told(world, 'POST', `/users/${nurse.account}/clinics/second`, admin, { role: 'NURSE' });
  const kavita = { role: 'DOCTOR', email: 'kavita@clinic.example', givenName: 'Dr Kavita', familyName: 'Deshpande' } as const;
  const meera = { role: 'PATIENT', email: 'meera@post.example', givenName: 'Meera', familyName: 'Joshi' } as const;
  return {
    ...world,
    nurse,
    doctor: await withSecondFactor(world, await someone(kavita)),
    patient: await someone({ ...meera, resource: 'Patient/meera' }),
    async register(app, clinic = 'demo') {
      const { clientId, clientSecret } = await told(world, 'POST', `/clinics/${clinic}/apps`, admin, app);
      return { id: String(clientId), secret: String(clientSecret) };
    },
  };
}

type Told = Readonly<Record<string, unknown>>;

async function told({ ask }: ServedWorld, method: string, path: string, token: string, json: object): Promise<Told> {
  const answer = await ask(path, { method, token, json });
  if (answer.status >= 300) throw new Error(`${method} ${path} is answered ${answer.status}: ${answer.text}`);
  return answer.body;
}

async function addPatients(world: ServedWorld): Promise<void> {
  const put = (token: string, resource: Resource): Promise<Told> =>
    told(world, 'PUT', `/fhir/R4/${resource.resourceType}/${resource.id}`, token, resource);
  const system = await world.systemToken();
  for (const resource of [...PATIENTS, PULSE]) await put(system, resource);
  const desk = { role: 'RECEPTIONIST', email: 'desk@kochi.example', givenName: 'Ravi' } as const;
  await put((await world.invite('second', desk)).token, patient('elsewhere', 'Asha', 'Ranade', '1984-03-27'));
}

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

const patient = (id: string, given: string, family: string, birthDate: string): Resource => ({
  ...{ resourceType: 'Patient', id, birthDate },
  name: [{ given: [given], family }],
});

const PATIENTS = [
  patient('meera', 'Meera', 'Joshi', '1991-08-15'),
  patient('asha', 'Asha', 'Rao', '1984-03-27'),
  ...Array.from({ length: 12 }, (_, i) =>
    patient(`k${i}`, `Kamala${String.fromCharCode(97 + i)}`, 'Kulkarni', `19${60 + i}-01-0${(i % 9) + 1}`),
  ),
];

/** There, so that finding nothing means something. */
const PULSE = {
  ...{ resourceType: 'Observation', id: 'pulse', status: 'final', subject: { reference: 'Patient/asha' } },
  code: { text: 'Pulse' },
};

/** Enrolled with the code of now: the next one is good at once, and so is each recovery code. */
async function withSecondFactor(world: ServedWorld, someone: Someone): Promise<Doctor> {
  const { secret, ticket } = await told(world, 'POST', '/auth/mfa/enrol', someone.token, { password: someone.password });
  const totp = String(secret);
  const { recoveryCodes } = await told(world, 'POST', '/auth/mfa/verify', someone.token, {
    ticket,
    code: await generate({ secret: totp }),
  });
  return { ...someone, totp, recoveryCodes: recoveryCodes as readonly string[] };
}

const WAIT_MS = 50;
const SUBTYPE = 'http://hl7.org/fhir/restful-interaction';

/**
 * The newest AuditEvent of the clinic `demo` on such a request with that outcome, and of that account if one is named, waiting
 * for it: they are made afterwards.
 */
export async function audited(world: World, what: string, outcome = '0', account?: string): Promise<unknown> {
  const by = account === undefined ? {} : { altid: account };
  const query = new URLSearchParams({ subtype: `${SUBTYPE}|${what}`, outcome, ...by, _sort: '-date', _count: '1' });
  const { token } = world.person('demo', 'SUPER_ADMIN');
  for (;;) {
    const { body } = await world.ask(`/fhir/R4/AuditEvent?${query.toString()}`, { token });
    const [found] = (body['entry'] ?? []) as readonly { readonly resource: unknown }[];
    if (found) return found.resource;
    await wait(WAIT_MS);
  }
}
