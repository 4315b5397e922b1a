/** What the routes below a clinic have in common. */
import type { KnownCall } from '../../api/route.ts';
import { asClinicId, asResourceId } from '../../fhir/model/ids.ts';
import { authorOf } from '../accounts/authority.ts';
import type { Author, Page } from '../accounts/resources.ts';
import { noClinic } from './clinic-routes.ts';
import type { Clinics } from './clinics.ts';

/** The caller, in the clinic of the path. Throws `not-found`. */
export async function authorIn(clinics: Clinics, call: KnownCall<unknown, unknown>): Promise<Author> {
  const clinic = asClinicId(call.params['clinicId'] ?? '');
  if (!(await clinics.find(clinic))) throw noClinic();
  return authorOf(call, clinic);
}

/** The same whenever the same request is sent again. */
export function idOfNew({ idempotencyToken }: KnownCall<unknown, unknown>, newId: () => string): string {
  return asResourceId(idempotencyToken ?? newId());
}

export interface ListQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** The query of a FHIR search for a page of a list. */
export function searchOf({ limit, cursor }: ListQuery, criteria: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams({ _count: String(limit) });
  for (const [name, value] of Object.entries({ ...criteria, _cursor: cursor })) if (value !== undefined) query.set(name, value);
  return query.toString();
}

export const listOf = ({ resources, cursor }: Page, view: (resource: Page['resources'][number]) => object): object => ({
  data: resources.map(view),
  page: cursor === undefined ? {} : { next: cursor },
});
