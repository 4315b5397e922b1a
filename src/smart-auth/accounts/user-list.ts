/** The users of a clinic, page by page, in the order of their ids. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';
import type { RecordStore } from '../../records/port.ts';
import { normalEmail } from './identifiers.ts';
import type { StoredMembership } from './memberships.ts';
import { MEMBERSHIP } from './records.ts';

export interface UserFilter {
  readonly email?: string;
  readonly phone?: string;
  /** A part of the name, in whatever case. */
  readonly name?: string;
  readonly role?: Role;
  readonly active?: boolean;
}

export interface UserPage {
  readonly users: readonly StoredMembership[];
  readonly next?: string;
}

const BATCH = 500;
/** So many are looked at for one page; where a rare name isn't among them, the page is short and the next one goes on. */
const MAX_LOOKED_AT = 5000;

export async function listUsers(
  records: RecordStore,
  clinic: ClinicId,
  filter: UserFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<UserPage> {
  const by = indexOf(filter);
  const users: StoredMembership[] = [];
  let after = cursor ?? '';
  for (let seen = 0; seen < MAX_LOOKED_AT;) {
    const found = await records.list(MEMBERSHIP, clinic, { ...(by ? { by } : {}), after, limit: BATCH });
    for (const user of found) {
      seen += 1;
      after = user.id;
      if (isWanted(filter, user)) users.push(user);
      if (users.length === limit) return { users, next: after };
    }
    if (found.length < BATCH) return { users };
  }
  return { users, next: after };
}

/** The one that narrows most. */
function indexOf({ email, phone, role }: UserFilter): { name: string; value: string } | undefined {
  if (email !== undefined) return { name: 'email', value: normalEmail(email) };
  if (phone !== undefined) return { name: 'phone', value: phone };
  return role === undefined ? undefined : { name: 'role', value: role };
}

function isWanted({ email, phone, name, role, active }: UserFilter, { value }: StoredMembership): boolean {
  return (
    (email === undefined || value.email === normalEmail(email)) &&
    (phone === undefined || value.phone === phone) &&
    (role === undefined || value.role === role) &&
    (active === undefined || value.active === active) &&
    (name === undefined || folded(value.name).includes(folded(name)))
  );
}

const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
