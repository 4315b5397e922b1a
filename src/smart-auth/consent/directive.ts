/** Consents as far as they narrow who sees what: read once from their resources. https://hl7.org/fhir/R4/consent.html */
import type { CodeableConcept, Coding, Consent, ConsentProvision } from '@medplum/fhirtypes';
import type { DateRange } from '../../fhir/search/values/normalise/dates.ts';

export interface Directive {
  readonly patient: string;
  readonly root: Provision;
}

export interface Provision {
  readonly type: 'deny' | 'permit';
  /** Milliseconds since 1970. */
  readonly from?: number;
  readonly until?: number;
  /** Absent: everyone. */
  readonly actors?: readonly Actor[];
  /** Resource types; absent: all. */
  readonly classes?: readonly string[];
  readonly labels?: readonly Label[];
  readonly codes?: readonly Label[];
  /** Of v3-ActReason; absent: whatever the purpose. */
  readonly purposes?: readonly string[];
  /** `Observation/1`; absent: all. */
  readonly instances?: readonly string[];
  /** It says something that isn't read here and is left out above: an exception then counts for nothing, a denial for more. */
  readonly partly: boolean;
  readonly nested: readonly Provision[];
}

export interface Actor {
  readonly reference?: string;
  readonly roles: readonly Label[];
}

export type Label = { readonly system?: string; readonly code?: string };

const SCOPES: ReadonlySet<string> = new Set(['patient-privacy', 'treatment']);
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
/** Policy rules by which everything is denied that the provisions don't permit. */
const OPT_OUT: ReadonlySet<string> = new Set(['OPTOUT', 'OPTOUTE']);

export interface ReadDeps {
  readonly dateRange: DateRange;
  readonly timeZone: string;
}

/** Undefined for a consent that isn't about who sees records, or isn't in force. */
export function directiveOf(deps: ReadDeps, consent: Consent): Directive | undefined {
  const patient = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(consent.patient?.reference ?? '')?.[1];
  const isAbout = codesOf(consent.scope).some(({ code }) => code !== undefined && SCOPES.has(code));
  if (patient === undefined || consent.status !== 'active' || !isAbout) return undefined;
  const optsOut = codesOf(consent.policyRule).some(({ code }) => code !== undefined && OPT_OUT.has(code));
  const base = optsOut ? 'deny' : 'permit';
  const rule = consent.provision && provisionOf(deps, consent.provision, base);
  return { patient, root: { type: base, partly: false, nested: rule ? [rule] : [] } };
}

function provisionOf(deps: ReadDeps, provision: ConsentProvision, outer: Provision['type']): Provision {
  const type = provision.type ?? outer;
  const period = periodOf(deps, provision);
  const classes = allOrNone(provision.class, (c) => (c.system === RESOURCE_TYPES ? c.code : undefined));
  const codes = allOrNone(provision.code, (c) => (codesOf(c).length > 0 ? { of: codesOf(c) } : undefined));
  const instances = allOrNone(provision.data, (d) => (d.meaning === 'instance' ? d.reference.reference : undefined));
  const isRead = period.ok && ![classes, codes, instances].includes('unread') && !provision.dataPeriod && !provision.action;
  return {
    type,
    ...period.bounds,
    ...(provision.actor ? { actors: provision.actor.map((a) => actorOf(a.reference.reference, a.role)) } : {}),
    ...(provision.securityLabel ? { labels: provision.securityLabel.map(labelOf) } : {}),
    ...(provision.purpose ? { purposes: provision.purpose.flatMap((p) => p.code ?? []) } : {}),
    ...(Array.isArray(classes) ? { classes } : {}),
    ...(Array.isArray(codes) ? { codes: codes.flatMap((c) => c.of) } : {}),
    ...(Array.isArray(instances) ? { instances } : {}),
    partly: !isRead,
    nested: (provision.provision ?? []).map((p) => provisionOf(deps, p, type)),
  };
}

/** What each says, or `unread` as soon as one of them says something that isn't read here. */
function allOrNone<T, V>(items: readonly T[] | undefined, read: (item: T) => V | undefined): V[] | 'unread' | undefined {
  const values = items?.flatMap((item) => read(item) ?? []) as V[] | undefined;
  return values && values.length < (items?.length ?? 0) ? 'unread' : values;
}

function periodOf(
  deps: ReadDeps,
  { period }: ConsentProvision,
): { readonly ok: boolean; readonly bounds: { from?: number; until?: number } } {
  const start = period?.start === undefined ? undefined : deps.dateRange(period.start, deps.timeZone);
  const end = period?.end === undefined ? undefined : deps.dateRange(period.end, deps.timeZone);
  const ok = (period?.start === undefined || start !== undefined) && (period?.end === undefined || end !== undefined);
  return { ok, bounds: { ...(start ? { from: start.lo } : {}), ...(end ? { until: end.hi } : {}) } };
}

const actorOf = (reference: string | undefined, role: CodeableConcept): Actor => ({
  ...(reference === undefined ? {} : { reference }),
  roles: codesOf(role),
});

const codesOf = (concept: CodeableConcept | undefined): Label[] => (concept?.coding ?? []).map(labelOf);

const labelOf = ({ system, code }: Coding): Label => ({
  ...(system === undefined ? {} : { system }),
  ...(code === undefined ? {} : { code }),
});
