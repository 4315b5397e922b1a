/**
 * The consents of each clinic in memory. What this process wrote counts from its answer on, what others wrote within a
 * second. A clinic without consents costs one small question a second while it is asked about.
 */
import type { Consent } from '@medplum/fhirtypes';
import type { Clock } from '../../platform/clock.ts';
import { asResourceType, type ClinicId, type Seq } from '../../fhir/model/ids.ts';
import type { Action, Principal } from '../../fhir/model/principal.ts';
import { ALL, NONE, type Node } from '../../fhir/search/ast.ts';
import { dateRange } from '../../fhir/search/values/normalise/dates.ts';
import type { FhirStore } from '../../fhir/store/port.ts';
import { isEmergency } from '../access/role-filter.ts';
import { deniedNode, type CompileDeps } from './compile.ts';
import { directiveOf, type Directive, type Provision } from './directive.ts';

export interface ConsentReaderDeps extends CompileDeps {
  readonly store: FhirStore;
  readonly clock: Clock;
  readonly timeZoneOf: (clinic: ClinicId) => string;
}

/** The consents of a clinic at some time: another value as soon as they change. */
export interface Consents {
  /** What of `type` may not be seen nor changed by the principal. */
  deniedTo(principal: Principal, type: string, action: Action): Node;
}

export interface ConsentView {
  current(clinic: ClinicId): Consents;
}

export interface ConsentReader extends ConsentView {
  /** To be awaited before a request is answered; undefined where there is nothing to wait for. Throws `unavailable`. */
  refresh(clinic: ClinicId): Promise<void> | undefined;
  /** The store, so that consents written through it count at once. */
  readonly store: FhirStore;
}

const FRESH_MS = 1000;
const PAGE = 1000;
const SEARCH_MS = 15_000;
const CONSENT = asResourceType('Consent');
const ACTIVE: Node = { op: 'token', param: 'status', code: 'active' };

const NO_CONSENTS: Consents = { deniedTo: () => NONE };
/** Of a clinic that nobody asked about yet: what isn't known is denied. */
const UNKNOWN: Consents = { deniedTo: () => ALL };

interface Known {
  readonly consents: Consents;
  /** The number of the newest change of a Consent. */
  readonly newest: Seq | 0;
  readonly checkedAt: number;
  /** When a period next begins or ends. */
  readonly changesAt: number;
  /** How many writes of this process had been noticed. */
  readonly noticed: number;
}

export function createConsentReader(deps: ConsentReaderDeps): ConsentReader {
  const known = new Map<ClinicId, Known>();
  const noticed = new Map<ClinicId, number>();
  const running = new Map<ClinicId, { readonly noticed: number; readonly done: Promise<void> }>();
  const notice = (clinic: ClinicId): void => void noticed.set(clinic, noticedOf(clinic) + 1);
  const noticedOf = (clinic: ClinicId): number => noticed.get(clinic) ?? 0;
  const start = (clinic: ClinicId, at: number): Promise<void> => {
    const done = load(deps, clinic, known.get(clinic), at)
      .then((now) => void known.set(clinic, now))
      .finally(() => {
        if (running.get(clinic)?.done === done) running.delete(clinic);
      });
    running.set(clinic, { noticed: at, done });
    return done;
  };
  const refresh = (clinic: ClinicId): Promise<void> | undefined => {
    const at = noticedOf(clinic);
    if (isFresh(known.get(clinic), deps.clock.now(), at)) return undefined;
    const under = running.get(clinic);
    if (!under) return start(clinic, at);
    // What is under way may have begun before the latest write.
    return under.noticed === at ? under.done : under.done.then(() => refresh(clinic));
  };
  return {
    current: (clinic) => known.get(clinic)?.consents ?? UNKNOWN,
    refresh,
    store: { ...deps.store, write: noticing(deps.store.write, notice) },
  };
}

const isFresh = (known: Known | undefined, now: number, noticed: number): boolean =>
  known !== undefined && known.noticed === noticed && now - known.checkedAt < FRESH_MS && now < known.changesAt;

/** Notices failed writes as well: an answer that is lost may stand for a write that is not. */
const noticing =
  (write: FhirStore['write'], notice: (clinic: ClinicId) => void): FhirStore['write'] =>
  async (clinic, set) => {
    if (!set.changes.some((c) => c.type === CONSENT)) return write(clinic, set);
    try {
      return await write(clinic, set);
    } finally {
      notice(clinic);
    }
  };

/** The newest version tells whether anything changed, a deletion too; only then are all read again. */
async function load(deps: ConsentReaderDeps, clinic: ClinicId, before: Known | undefined, noticed: number): Promise<Known> {
  const now = deps.clock.now();
  const { items } = await deps.store.history(clinic, { scope: { type: CONSENT }, limit: 1 });
  const newest = items[0]?.seq ?? 0;
  if (before && before.newest === newest && now < before.changesAt) return { ...before, checkedAt: now, noticed };
  const directives = newest === 0 ? [] : await readAll(deps, clinic);
  const consents = directives.length === 0 ? NO_CONSENTS : consentsOf(deps, directives, now);
  return { consents, newest, checkedAt: now, changesAt: nextChange(directives, now), noticed };
}

async function readAll(deps: ConsentReaderDeps, clinic: ClinicId): Promise<Directive[]> {
  const read = { dateRange, timeZone: deps.timeZoneOf(clinic) };
  const query = { types: [CONSENT], where: ACTIVE, order: 'natural', limit: PAGE } as const;
  const directives: Directive[] = [];
  let after: string | undefined;
  do {
    const deadline = deps.clock.now() + SEARCH_MS;
    const page = await deps.store.search(clinic, { ...query, deadline, ...(after === undefined ? {} : { after }) });
    for (const { body } of page.items) directives.push(...(toDirective(read, body) ?? []));
    after = page.next;
  } while (after !== undefined);
  return directives;
}

function toDirective(read: Parameters<typeof directiveOf>[0], body: Uint8Array): [Directive] | undefined {
  const directive = directiveOf(read, JSON.parse(Buffer.from(body).toString()) as Consent);
  return directive && [directive];
}

/** A create is not held back: what is written about a patient is not what their consent hides. */
const consentsOf = (deps: CompileDeps, directives: readonly Directive[], now: number): Consents => ({
  deniedTo: (principal, type, action) =>
    action === 'create' ? NONE : deniedNode(deps, directives, { principal, now, emergency: isEmergency(principal, action) }, type),
});

function nextChange(directives: readonly Directive[], now: number): number {
  const times = directives.flatMap(({ root }) => boundariesOf(root)).filter((t) => t > now);
  return times.reduce((a, b) => Math.min(a, b), Infinity);
}

/** The last millisecond still counts. */
const boundariesOf = ({ from, until, nested }: Provision): number[] => [
  ...(from === undefined ? [] : [from]),
  ...(until === undefined ? [] : [until + 1]),
  ...nested.flatMap(boundariesOf),
];
