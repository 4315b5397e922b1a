/** What it costs a search that a patient asks: the same search with and without the filter of the role, in one process. */
import { openServices, type Services } from '../src/compose.ts';
import { loadConfig } from '../src/config.ts';
import { asResourceId } from '../src/fhir/model/ids.ts';
import { ALL_ACCESS, type AccessFilter, type Principal } from '../src/fhir/model/principal.ts';
import type { Node } from '../src/fhir/search/ast.ts';
import { createAccess } from '../src/smart-auth/access/index.ts';
import { parseScopes } from '../src/smart-auth/scopes/parse.ts';
import { startServer } from '../tools/running-server.ts';
import { CODES } from './data.ts';
import { median } from './load.ts';
import { fill } from './measures.ts';

export interface FilterCost {
  readonly search: string;
  /** Medians, milliseconds. */
  readonly filtered: number;
  readonly open: number;
}

const OBSERVATIONS_EACH = 49;
const PER_PATIENT = OBSERVATIONS_EACH + 1;
const ASKING = 7;
const BASE_URL = 'http://127.0.0.1/fhir/R4';
const CODE = `code=${encodeURIComponent(`http://loinc.org|${CODES[0]}`)}`;
const SEARCHES = [
  `Observation?${CODE}&_count=20`,
  `Observation?${CODE}&_sort=-date&_count=20`,
  'Observation?_sort=-date&_count=20',
  `Observation?patient=Patient/p${ASKING}&${CODE}&_sort=-date&_count=20`,
  'Observation?date=ge2020-02-01&_count=20',
  'Encounter?_count=20',
];

/** Of a store with so many resources, patients with their observations; `environment` names an empty one. */
export async function patientFilterCosts(environment: Record<string, string>, resources: number, rounds: number): Promise<FilterCost[]> {
  await fillWith(environment, Math.ceil(resources / PER_PATIENT));
  const services = await openServices(loadConfig(environment));
  try {
    const asker = await askerOf(services);
    const costs: FilterCost[] = [];
    for (const search of SEARCHES) costs.push(await costOf(asker, search, rounds));
    return costs;
  } finally {
    await services.close();
  }
}

const CLIENTS = 4;

async function fillWith(environment: Record<string, string>, patients: number): Promise<void> {
  const server = await startServer(environment);
  await fill(`${server.base}/fhir/R4`, { patients, observationsEach: OBSERVATIONS_EACH }, CLIENTS);
  await server.stop();
}

type Asker = (search: string, filtered: boolean) => Promise<number>;

/** Answers how many milliseconds the search took. */
async function askerOf({ deps, dispatch, consents, defaultClinic: clinic }: Services): Promise<Asker> {
  await consents.refresh(clinic);
  const principal: Principal = { subject: `Patient/p${ASKING}`, clinic, role: 'PATIENT', patient: asResourceId(`p${ASKING}`) };
  const { scopes } = parseScopes('patient/*.rs', deps.definitions.resourceTypes);
  const own = createAccess({ ...deps, consents, baseUrl: BASE_URL }).accessFor({ principal, scopes });
  return async (search, filtered) => {
    const access: AccessFilter<Node> = filtered ? own : ALL_ACCESS;
    const context = { principal, access, requestId: 'bench', baseUrl: BASE_URL, deadline: deps.clock.now() + deps.limits.searchMs };
    const [path = '', query = ''] = search.split('?');
    const started = performance.now();
    const { status } = await dispatch({ method: 'GET', path: [path], query, headers: {}, context });
    if (status !== 200) throw new Error(`${search} was answered ${status}`);
    return performance.now() - started;
  };
}

async function costOf(ask: Asker, search: string, rounds: number): Promise<FilterCost> {
  const [filtered, open]: [number[], number[]] = [[], []];
  // The first of each kind warms the caches.
  for (let round = -1; round < rounds; round++) {
    const times = [await ask(search, true), await ask(search, false)] as const;
    if (round < 0) continue;
    filtered.push(times[0]);
    open.push(times[1]);
  }
  return { search, filtered: median(filtered), open: median(open) };
}
