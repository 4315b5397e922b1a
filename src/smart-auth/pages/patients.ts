/** Patients to choose from: the FHIR search itself, asked in the person's name, so that it finds what they may see. */
import type { AccessFilter, Principal } from '../../fhir/model/principal.ts';
import { isResourceId } from '../../fhir/model/ids.ts';
import { FhirError } from '../../fhir/outcome/error.ts';
import type { Node } from '../../fhir/search/ast.ts';
import type { Dispatch, FhirResponse } from '../../fhir/index.ts';
import { pageIn, resourceIn } from '../../fhir/interactions/answered.ts';
import { searchLiteral } from '../../fhir/search/escape.ts';
import type { Clock } from '../../platform/clock.ts';
import type { IdSource } from '../../platform/ids.ts';
import type { Member } from '../oauth/deps.ts';
import type { PatientLine, PatientQuery, Patients } from './deps.ts';

export interface PatientsDeps {
  readonly dispatch: Dispatch;
  /** As the member, with what their role alone lets them see of patients. */
  readonly identityOf: (member: Member) => Promise<{ readonly principal: Principal; readonly access: AccessFilter<Node> }>;
  readonly clock: Clock;
  readonly newId: IdSource;
}

const COUNT = 10;
const SEARCH_MS = 10_000;
/** Links are of no use here: nobody follows them. */
const BASE_URL = 'urn:nadi:pages';

export function createPatients(deps: PatientsDeps): Patients {
  return {
    async find(member, query) {
      const { resources, cursor } = pageIn<Patient>(await ask(deps, member, ['Patient'], searchFor(query)));
      return { patients: resources.map(lineOf), ...(cursor === undefined ? {} : { next: cursor }) };
    },
    async get(member, id) {
      if (!isResourceId(id)) return undefined;
      try {
        return lineOf(resourceIn<Patient>(await ask(deps, member, ['Patient', id], '')));
      } catch (error) {
        if (error instanceof FhirError && NOT_SEEN.has(error.kind)) return undefined;
        throw error;
      }
    },
  };
}

const NOT_SEEN: ReadonlySet<string> = new Set(['not-found', 'gone', 'forbidden']);

function searchFor({ name = '', birthDate, after }: PatientQuery): string {
  const query = new URLSearchParams();
  for (const word of name.split(/\s+/).filter((w) => w !== '')) query.append('name', searchLiteral(word));
  if (birthDate !== undefined) query.append('birthdate', birthDate);
  query.append('_sort', 'family,given');
  query.append('_count', String(COUNT));
  if (after !== undefined) query.append('_cursor', after);
  return query.toString();
}

async function ask(deps: PatientsDeps, member: Member, path: readonly string[], query: string): Promise<FhirResponse> {
  const { dispatch, identityOf, clock, newId } = deps;
  const context = { ...(await identityOf(member)), requestId: newId(), baseUrl: BASE_URL, deadline: clock.now() + SEARCH_MS };
  return dispatch({ method: 'GET', path, query, headers: {}, context });
}

interface Patient {
  readonly id: string;
  readonly birthDate?: string;
  readonly name?: readonly HumanName[];
}

interface HumanName {
  readonly use?: string;
  readonly text?: string;
  readonly given?: readonly string[];
  readonly family?: string;
}

const lineOf = ({ id, name = [], birthDate }: Patient): PatientLine => ({
  id,
  name: inFull(name.find((n) => n.use === 'official') ?? name.find((n) => n.use !== 'old') ?? name[0] ?? {}),
  ...(birthDate === undefined ? {} : { birthDate }),
});

const inFull = ({ text, given = [], family }: HumanName): string =>
  text ?? [...given, family].filter((part) => part !== undefined).join(' ');
