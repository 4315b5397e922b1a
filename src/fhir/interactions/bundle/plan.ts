/**
 * What each entry of a transaction does, and to which resource: conditions are answered and ids given before any link
 * is rewritten. https://hl7.org/fhir/R4/http.html#transaction
 */
import { asResourceId, asResourceType, isResourceId, type ResourceId, type ResourceKey, type ResourceType } from '../../model/ids.ts';
import { fhirError, type FhirError } from '../../outcome/error.ts';
import { createSlice } from '../../model/slices.ts';
import type { Expected, Guard } from '../../store/port.ts';
import { expectedOf } from '../etag.ts';
import { limitsOf } from '../deps.ts';
import type { Call } from '../router.ts';
import { assertChangeable } from '../read-only.ts';
import { assertNoIfMatch, findMatches, onlyMatch, parseCondition, takenBy, type Matches } from '../write/condition.ts';
import { inSlices } from '../slices.ts';
import { atEntry, placeOf, type BundleEntry } from './entry.ts';

export interface Step extends ResourceKey {
  readonly entry: BundleEntry;
  /** `keep`: a conditional create whose resource exists. `none`: a conditional delete without a match. */
  readonly does: 'create' | 'update' | 'patch' | 'delete' | 'keep' | 'none';
  readonly expected: Expected;
  readonly guard: Guard | undefined;
  /** Of a condition that nothing in the store matches: the same for all that ask the same. */
  readonly unmatched?: string;
}

/** Entries that write, in the order of processing: deletes, creates, updates and patches. */
const PHASE: Readonly<Record<string, number>> = { DELETE: 0, POST: 1, PUT: 2, PATCH: 2 };

export const isWrite = (entry: BundleEntry): boolean => entry.method in PHASE && !isSearch(entry);

/** POST Type/_search reads. */
const isSearch = (entry: BundleEntry): boolean => entry.method === 'POST' && entry.path.at(-1) === '_search';

/** Plans the entries that write. Throws with the place of the entry that can't be planned. */
export async function planSteps(call: Call, entries: readonly BundleEntry[]): Promise<Step[]> {
  const writes = entries.filter(isWrite).sort((a, b) => (PHASE[a.method] as number) - (PHASE[b.method] as number));
  const steps: Step[] = [];
  const byCriteria = new Map<string, Step>();
  const slice = createSlice();
  for (const entry of writes) {
    try {
      // Without a condition there is nothing to wait for: ten thousand plain creates are planned in one go.
      const step = planStep(call, entry);
      steps.push(firstOfCriteria(step instanceof Promise ? await step : step, byCriteria));
    } catch (error) {
      throw atEntry(error, entry.index);
    }
    const pause = slice.breathe();
    if (pause) await pause;
  }
  await refuseOverlap(steps);
  return steps;
}

/** Two creates under the same If-None-Exist mean one resource, also when both are in this transaction. */
function firstOfCriteria(step: Step, byCriteria: Map<string, Step>): Step {
  if (step.does !== 'create' || step.unmatched === undefined) return step;
  const first = byCriteria.get(step.unmatched);
  if (first) return { ...step, id: first.id, does: 'keep' };
  byCriteria.set(step.unmatched, step);
  return step;
}

function planStep(call: Call, entry: BundleEntry): Step | Promise<Step> {
  const type = typeOf(call, entry);
  if (entry.method === 'POST') return planCreate(call, entry, type);
  const [, id] = entry.path;
  if (id !== undefined) return stepOn(entry, type, idOf(id), expectedOf(entry.headers), undefined);
  if (entry.query === '')
    throw fhirError(
      'invalid-structure',
      `${entry.method} needs an id or criteria`,
      'Use Type/id or Type?criteria.',
      `${placeOf(entry.index)}.request.url`,
    );
  return planConditional(call, entry, type);
}

function typeOf(call: Call, entry: BundleEntry): ResourceType {
  const type = entry.path[0];
  const where = `${placeOf(entry.index)}.request.url`;
  if (type === undefined || entry.path.length > (entry.method === 'POST' ? 1 : 2)) {
    throw fhirError(
      'invalid-structure',
      `no interaction answers ${entry.method} at this URL in a transaction`,
      'Use Type, Type/id or Type?criteria.',
      where,
    );
  }
  assertChangeable(type, where);
  if (call.deps.definitions.resourceTypes.has(type)) return asResourceType(type);
  throw fhirError('not-found', 'this is not a resource type of R4', 'Correct the type in the URL.', where);
}

function idOf(text: string): ResourceId {
  if (isResourceId(text)) return text;
  throw fhirError('invalid-value', 'an id has 1 to 64 letters, digits, dots and dashes', 'Correct the id in the URL.');
}

function planCreate(call: Call, entry: BundleEntry, type: ResourceType): Step | Promise<Step> {
  const criteria = entry.headers['if-none-exist'];
  const fresh: Step = { entry, type, id: asResourceId(call.deps.newId()), does: 'create', expected: 'absent', guard: undefined };
  return criteria === undefined ? fresh : planConditionalCreate(call, fresh, criteria);
}

async function planConditionalCreate(call: Call, fresh: Step, criteria: string): Promise<Step> {
  const { id, matches, asked } = await matchOf(call, fresh.type, criteria.replace(/^[^?]*\?/, ''));
  if (id === undefined) return { ...fresh, guard: matches.guard, unmatched: asked };
  return { ...fresh, id, does: 'keep', guard: matches.guard };
}

async function planConditional(call: Call, entry: BundleEntry, type: ResourceType): Promise<Step> {
  const given = entry.method === 'PUT' ? await givenId(call, entry) : undefined;
  const taken = await takenBy(call.deps, call.request.context, type, given);
  const { id, matches, asked } = await matchOf(call, type, entry.query);
  if (id !== undefined) return stepOn(entry, type, id, expectedOf(entry.headers), matches.guard);
  if (entry.method !== 'PATCH') assertNoIfMatch(type, entry.headers);
  if (entry.method === 'DELETE')
    return { entry, type, id: asResourceId(call.deps.newId()), does: 'none', expected: 'any', guard: matches.guard };
  if (entry.method === 'PATCH')
    throw fhirError('not-found', 'no resource matches the criteria', 'Correct the criteria, or create the resource.');
  if (taken) throw taken;
  const fresh = { type, id: given ?? asResourceId(call.deps.newId()), expected: 'absent' } as const;
  return { entry, ...fresh, does: 'update', guard: matches.guard, unmatched: asked };
}

interface Match {
  readonly id: ResourceId | undefined;
  readonly matches: Matches;
  /** What was asked for, however it was written. */
  readonly asked: string;
}

async function matchOf(call: Call, type: ResourceType, criteria: string): Promise<Match> {
  const condition = parseCondition(call.deps, call.request.context, type, criteria);
  const matches = await findMatches(call.deps, call.request.context, condition);
  return { id: onlyMatch(condition, matches), matches, asked: JSON.stringify([type, condition.where]) };
}

async function givenId(call: Call, { resource }: BundleEntry): Promise<ResourceId | undefined> {
  const { id } = resource ? await call.deps.work.identify({ source: resource, limits: limitsOf(call.deps) }) : {};
  return typeof id === 'string' && isResourceId(id) ? id : undefined;
}

const DOES = { PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;

function stepOn(entry: BundleEntry, type: ResourceType, id: ResourceId, expected: Expected, guard: Guard | undefined): Step {
  return { entry, type, id, does: DOES[entry.method as keyof typeof DOES], expected, guard };
}

/** "If any resource identities overlap, the transaction fails": https://hl7.org/fhir/R4/http.html#trules */
async function refuseOverlap(steps: readonly Step[]): Promise<void> {
  const seen = new Map<string, number>();
  await inSlices(steps, ({ entry, type, id, does, unmatched }) => {
    if (does === 'keep' || does === 'none') return;
    for (const identity of unmatched === undefined ? [`${type}/${id}`] : [`${type}/${id}`, unmatched]) {
      const other = seen.get(identity);
      if (other !== undefined) throw overlap(entry.index, other);
      seen.set(identity, entry.index);
    }
  });
}

const overlap = (index: number, other: number): FhirError =>
  fhirError('invalid-structure', `this entry and ${placeOf(other)} write the same resource`, 'Leave one of them out.', placeOf(index));
