/** Who may manage whom, beyond what the table of roles says of groups: nobody above themselves, nobody themselves. */
import type { ApiIdentity, KnownCall } from '../../api/route.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Author } from './resources.ts';

/** The caller, writing in a clinic. */
export const authorOf = (call: KnownCall<unknown, unknown>, clinic: ClinicId = call.identity.principal.clinic): Author => ({
  principal: { ...call.identity.principal, clinic },
  requestId: call.requestId,
  publicUrl: call.publicUrl,
});

const MANAGERS: ReadonlySet<Role | undefined> = new Set<Role>(['SUPER_ADMIN', 'CLINIC_ADMIN']);

export const isSuper = ({ principal }: ApiIdentity): boolean => principal.role === 'SUPER_ADMIN';

/** Throws `forbidden` unless the caller may have to do with someone of these roles: the present one, and the one to be. */
export function assertManages(identity: ApiIdentity, ...roles: readonly Role[]): void {
  if (!MANAGERS.has(identity.principal.role)) throw forbidden('only administrators manage users');
  if (roles.includes('SUPER_ADMIN') && !isSuper(identity)) throw forbidden('only a SUPER_ADMIN manages SUPER_ADMINs');
}

/** Throws `business-rule`: whoever takes their own role away may be the last who could give it back. */
export function assertOther(identity: ApiIdentity, account: string): void {
  if (identity.principal.account === account)
    throw fhirError('business-rule', 'nobody changes or ends their own membership', 'Ask another administrator.', 'id');
}

const forbidden = (rule: string): Error => fhirError('forbidden', rule, 'Ask an administrator of the platform.');

export const noUser = (): Error => fhirError('not-found', 'there is no such user', 'Check the id.', 'id');
