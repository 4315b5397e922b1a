/** https://hl7.org/fhir/R4/http.html#create and #ccreate */
import { asResourceId } from '../model/ids.ts';
import { fhirError } from '../outcome/error.ts';
import type { StoredVersion } from '../store/port.ts';
import type { FhirResponse } from './message.ts';
import { parametersOf } from './parameters.ts';
import { resourceAnswer, written } from './respond.ts';
import type { Call } from './router.ts';
import { sourceOf } from './source.ts';
import { commit, versionConflict, type Proposal } from './write/commit.ts';
import { findMatches, onlyMatch, parseCondition, type Condition } from './write/condition.ts';
import { preparePut } from './write/prepare.ts';
import { provenanceOf } from './write/provenance.ts';

const NO_PARAMETERS: ReadonlySet<string> = new Set();

/** Creates under a new id; the body's own is passed over. With If-None-Exist only if nothing matches. */
export async function create(call: Call): Promise<FhirResponse> {
  const { deps, request, type } = call;
  parametersOf(request, NO_PARAMETERS);
  const key = { type, id: asResourceId(deps.newId()) };
  const order = { key, expected: 'absent', interaction: 'create', bodyId: 'any' } as const;
  const change = await preparePut(deps, request.context, sourceOf(call), order);
  const proposal = {
    changes: [change, ...(await provenanceOf(deps, request.context, request.headers, [change]))],
    guards: [],
    committed: ([result]) => written(call, change, result as NonNullable<typeof result>),
    conflict: versionConflict,
  } satisfies Proposal<FhirResponse>;
  const criteria = request.headers['if-none-exist'];
  if (criteria === undefined) return commit(deps, request.context, () => Promise.resolve(proposal));
  return createIfNone(call, parseCondition(deps, request.context, type, bareCriteria(criteria)), proposal);
}

async function createIfNone(call: Call, condition: Condition, proposal: Proposal<FhirResponse>): Promise<FhirResponse> {
  const { deps, request } = call;
  return commit(deps, request.context, async () => {
    const matches = await findMatches(deps, request.context, condition);
    if (onlyMatch(condition, matches) === undefined) return { ...proposal, guards: [matches.guard] };
    const existing = matches.versions[0] as StoredVersion;
    return { answer: await resourceAnswer(call, 200, existing, () => existing.body) };
  });
}

/** Some clients send `Patient?identifier=…`, or a URL. */
function bareCriteria(header: string): string {
  const criteria = header.slice(header.indexOf('?') + 1).trim();
  if (criteria !== '') return criteria;
  throw fhirError('invalid-value', 'If-None-Exist is empty', 'Write criteria such as identifier=system|value.', 'If-None-Exist');
}
