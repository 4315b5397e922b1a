/** Whether a provision is about this reader, now, for this purpose. */
import type { Principal } from '../../fhir/model/principal.ts';
import { ROLE_SYSTEM } from '../roles/codes.ts';
import { ROLE_TABLE } from '../roles/table.ts';
import type { Actor, Provision } from './directive.ts';

export interface Reader {
  readonly principal: Principal;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Break-glass: only what names emergencies still denies. */
  readonly emergency: boolean;
}

/** What names an emergency: treatment in one, breaking the glass. */
const EMERGENCY_PURPOSES: ReadonlySet<string> = new Set(['ETREAT', 'BTG']);
/** Whom a reference may name that a token doesn't tell: whether the reader is one of them can't be known. */
const UNKNOWN_MEMBERS: ReadonlySet<string> = new Set(['PractitionerRole', 'CareTeam', 'Group']);

/** `unsure`: the answer where it can't be known. */
export const applies = (provision: Provision, reader: Reader, unsure: boolean): boolean =>
  isInForce(provision, reader.now) && isForPurpose(provision, reader, unsure) && isForReader(provision, reader.principal, unsure);

/** In an emergency, a denial that doesn't name emergencies denies nothing by itself. */
export const denies = ({ type, purposes }: Provision, { emergency }: Reader): boolean =>
  type === 'deny' && (!emergency || (purposes?.some((p) => EMERGENCY_PURPOSES.has(p)) ?? false));

const isInForce = ({ from, until }: Provision, now: number): boolean =>
  (from === undefined || now >= from) && (until === undefined || now <= until);

function isForPurpose({ purposes }: Provision, { principal, emergency }: Reader, unsure: boolean): boolean {
  if (purposes === undefined) return true;
  if (emergency && purposes.some((p) => EMERGENCY_PURPOSES.has(p))) return true;
  const { role } = principal;
  return role === undefined ? unsure : purposes.includes(ROLE_TABLE[role].purpose);
}

const isForReader = ({ actors }: Provision, principal: Principal, unsure: boolean): boolean =>
  actors === undefined || actors.some((actor) => isActor(actor, principal, unsure));

/** The reference says who; a role of ours beside it, in which role. */
function isActor({ reference, roles }: Actor, principal: Principal, unsure: boolean): boolean {
  const ours = roles.filter((r) => r.system === ROLE_SYSTEM);
  if (ours.length > 0 && !ours.some((r) => r.code === principal.role)) return false;
  if (reference === undefined) return ours.length > 0 || unsure;
  const [type = '', id] = reference.split('/');
  if (type === 'Organization') return id === principal.clinic;
  return UNKNOWN_MEMBERS.has(type) ? unsure : reference === principal.subject || isDevice(principal, type, id);
}

const isDevice = ({ client }: Principal, type: string, id: string | undefined): boolean =>
  type === 'Device' && client !== undefined && id === client;
