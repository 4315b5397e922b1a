/** What links of a transaction become: entries by their fullUrl, and conditional references by what they match. */
import type { ResourceKey } from '../../model/ids.ts';
import { asResourceType, type ResourceType } from '../../model/ids.ts';
import { fhirError } from '../../outcome/error.ts';
import { createTurns } from '../../model/slices.ts';
import type { Call } from '../router.ts';
import { inSlices } from '../slices.ts';
import { findMatches, parseCondition } from '../write/condition.ts';
import { settle } from '../criteria.ts';
import { matches, type Subject } from '../../search/match.ts';
import { isPacked, unpackEntries } from '../../search/packed.ts';
import type { LinkKind } from '../../work/links.ts';
import type { FoundLinks } from '../../work/texts.ts';
import { limitsOf } from '../deps.ts';
import { atEntry, placeOf, type BundleEntry } from './entry.ts';
import type { Step } from './plan.ts';

const CONDITIONAL = /^([A-Z][A-Za-z]+)\?(.+)$/s;
const RELATIVE = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;
const URN = /^urn:(uuid|oid):/;

export interface Links {
  /** What a link of this entry becomes. Throws `invalid-reference` where it leads nowhere. */
  replace(entry: BundleEntry, link: string, kind: LinkKind): string | undefined;
  /** The links of each entry with a resource, by its index. */
  readonly foundIn: ReadonlyMap<number, FoundLinks>;
}

/** Answers every conditional reference, then knows all links. */
export async function resolveLinks(call: Call, steps: readonly Step[]): Promise<Links> {
  const byUrl = keysByUrl(steps);
  const foundIn = await findAll(call, steps);
  const byCriteria = await resolveConditional(call, steps, foundIn);
  return {
    foundIn,
    replace(entry, link, kind) {
      const known =
        byUrl.get(link) ?? (kind === 'reference' ? (byCriteria.get(link) ?? byUrl.get(absolute(link, entry, call))) : undefined);
      if (known === undefined && kind === 'reference' && URN.test(link)) throw unresolved(entry);
      return known;
    },
  };
}

/** In slices: each resource is looked through once. Rejects with the place. */
async function findAll(call: Call, steps: readonly Step[]): Promise<ReadonlyMap<number, FoundLinks>> {
  const found = new Map<number, FoundLinks>();
  const limits = limitsOf(call.deps);
  await inSlices(steps, ({ entry }) => {
    if (!entry.resource) return undefined;
    const links = call.deps.work.findLinks({ source: entry.resource, limits });
    if (!(links instanceof Promise)) return void found.set(entry.index, links);
    return links.then(
      (those) => void found.set(entry.index, those),
      (error: unknown) => {
        throw atEntry(error, entry.index);
      },
    );
  });
  return found;
}

/** Throws for a fullUrl of two resources: what it means would be anyone's guess. */
function keysByUrl(steps: readonly Step[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const step of steps) {
    const { fullUrl, index } = step.entry;
    if (fullUrl === undefined || step.does === 'none') continue;
    if ((keys.get(fullUrl) ?? keyText(step)) !== keyText(step))
      throw fhirError('invalid-structure', 'another entry has this fullUrl', 'Give each resource its own.', `${placeOf(index)}.fullUrl`);
    keys.set(fullUrl, keyText(step));
  }
  return keys;
}

const keyText = (key: ResourceKey): string => `${key.type}/${key.id}`;

/** A relative reference counts from the base of its entry's fullUrl: https://hl7.org/fhir/R4/bundle.html#references */
function absolute(link: string, entry: BundleEntry, call: Call): string {
  if (!RELATIVE.test(link)) return link;
  const base = /^(https?:\/\/.*)\/[A-Z][A-Za-z]+\/[^/]+$/s.exec(entry.fullUrl ?? '')?.[1] ?? call.request.context.baseUrl;
  return `${base}/${link}`;
}

const unresolved = (entry: BundleEntry): Error =>
  fhirError(
    'invalid-reference',
    'a urn reference names no entry of this transaction',
    'Make it the fullUrl of an entry.',
    placeOf(entry.index),
  );

/** Conditional references by their text, each asked once. */
async function resolveConditional(call: Call, steps: readonly Step[], foundIn: Links['foundIn']): Promise<ReadonlyMap<string, string>> {
  const first = new Map<string, number>();
  for (const [index, { reference }] of foundIn)
    for (const link of reference) if (CONDITIONAL.test(link) && !first.has(link)) first.set(link, index);
  const answers = new Map<string, string>();
  const pending = pendingOf(call, steps);
  const all = [...first];
  const turn = createTurns();
  for (let i = 0; i < all.length; i += CONCURRENT) {
    await Promise.all(
      all.slice(i, i + CONCURRENT).map(async ([link, index]) => {
        await turn();
        try {
          answers.set(link, await resolveOne(call, link, pending));
        } catch (error) {
          throw atEntry(error, index);
        }
      }),
    );
  }
  return answers;
}

const CONCURRENT = 32;

/** Resources of a type that this transaction writes: a conditional reference may mean one of them. */
type Pending = (type: ResourceType) => Promise<readonly Subject[]>;

function pendingOf(call: Call, steps: readonly Step[]): Pending {
  const byType = Map.groupBy(
    steps.filter((s) => s.does === 'create' || s.does === 'update'),
    (s) => s.type,
  );
  const subjects = new Map<ResourceType, Promise<readonly Subject[]>>();
  return (type) => {
    const known = subjects.get(type) ?? inSlices(byType.get(type) ?? [], (step) => subjectOf(call, step));
    subjects.set(type, known);
    return known;
  };
}

async function subjectOf(call: Call, { type, id, entry }: Step): Promise<Subject> {
  const { deps, request } = call;
  const source = entry.resource ?? { document: { value: {}, exact: {} } };
  const found = await deps.work.extract({ source, limits: limitsOf(deps), timeZone: deps.timeZoneOf(request.context.principal.clinic) });
  return { type, id, entries: isPacked(found) ? await unpackEntries(found) : found, lastUpdated: deps.clock.now() };
}

async function resolveOne(call: Call, link: string, pending: Pending): Promise<string> {
  const [, typeName, criteria] = CONDITIONAL.exec(link) as unknown as [string, string, string];
  if (!call.deps.definitions.resourceTypes.has(typeName)) throw noMatch(link);
  const type = asResourceType(typeName);
  const { context } = call.request;
  const condition = parseCondition(call.deps, context, type, criteria);
  const found = await findMatches(call.deps, context, condition);
  const written = await pending(type);
  const ids = new Set<string>(found.ids.filter((id) => !written.some((s) => s.id === id)));
  if (written.length > 0) {
    const where = await settle(call.deps, context, type, condition.where);
    for (const subject of written) if (matches(where, subject)) ids.add(subject.id);
  }
  if (ids.size > 1)
    throw fhirError('multiple-matches', `several resources match the reference ${typeName}?…`, 'Make its criteria more selective.');
  const [id] = ids;
  if (id === undefined) throw noMatch(link);
  return `${type}/${id}`;
}

const noMatch = (link: string): Error =>
  fhirError(
    'invalid-reference',
    `no resource matches the conditional reference ${link.split('=', 1)[0]}=…`,
    'Create what it refers to first, or put it into the same transaction.',
  );
