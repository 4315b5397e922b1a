/** Locations of a clinic, as plain JSON and as FHIR's Location: what one says, the other shows. */
import { Type, type Static } from 'typebox';
import { CANONICAL_BASE } from '../../fhir/model/canonical.ts';
import { closed, text } from '../../api/schemas.ts';
import { Phone } from '../accounts/schemas.ts';
import type { Resource } from '../accounts/resources.ts';

const RADIUS = `${CANONICAL_BASE}/StructureDefinition/check-in-radius`;

const PostalAddress = closed({
  line: Type.Optional(Type.Array(text(200), { maxItems: 5 })),
  city: Type.Optional(text(100)),
  district: Type.Optional(text(100)),
  state: Type.Optional(text(100)),
  postalCode: Type.Optional(text(20)),
  country: Type.Optional(text(100)),
});
const Position = closed({
  latitude: Type.Number({ minimum: -90, maximum: 90 }),
  longitude: Type.Number({ minimum: -180, maximum: 180 }),
});
const shared = {
  name: text(200),
  phone: Type.Optional(Phone),
  address: Type.Optional(PostalAddress),
  position: Type.Optional(Position),
  checkInRadius: Type.Optional(Type.Number({ minimum: 1, maximum: 100_000, description: 'Metres' })),
};
export const LocationInput = closed({ ...shared, active: Type.Optional(Type.Boolean()) });
export const LocationChange = closed({
  ...shared,
  active: Type.Optional(Type.Boolean()),
  renewQr: Type.Optional(Type.Boolean({ description: 'Makes every QR of before no good' })),
});
export const LocationView = closed({ id: text(64), ...shared, name: Type.String(), active: Type.Boolean() });
type Input = Static<typeof LocationInput>;

interface Extension {
  readonly url?: string;
  readonly valueDecimal?: number;
}
interface Contact {
  readonly system?: string;
  readonly value?: string;
}

/** What the plain form doesn't know of stays as it is. */
export function toLocation(id: string, clinic: string, input: Input, before: Resource | undefined): Resource {
  const extensions = ((before?.['extension'] ?? []) as Extension[]).filter(({ url }) => url !== RADIUS);
  const telecoms = ((before?.['telecom'] ?? []) as Contact[]).filter(({ system }) => system !== 'phone');
  const { extension: _e, telecom: _t, address: _a, position: _p, ...kept } = before ?? { resourceType: 'Location', id };
  const radius = input.checkInRadius === undefined ? [] : [{ url: RADIUS, valueDecimal: input.checkInRadius }];
  const phone = input.phone === undefined ? [] : [{ system: 'phone', value: input.phone }];
  return {
    ...kept,
    resourceType: 'Location',
    id,
    name: input.name,
    status: input.active === false ? 'inactive' : 'active',
    mode: 'instance',
    managingOrganization: kept['managingOrganization'] ?? { reference: `Organization/${clinic}` },
    ...nonEmpty('extension', [...extensions, ...radius]),
    ...nonEmpty('telecom', [...telecoms, ...phone]),
    ...(input.address === undefined ? {} : { address: input.address }),
    ...(input.position === undefined ? {} : { position: input.position }),
  };
}

const nonEmpty = (name: string, items: readonly unknown[]): object => (items.length === 0 ? {} : { [name]: items });

const ADDRESS_PARTS = ['line', 'city', 'district', 'state', 'postalCode', 'country'] as const;

export function fromLocation(resource: Resource): object {
  const { id, name, status, address, position } = resource as Resource & {
    readonly address?: Record<string, unknown>;
    readonly position?: { readonly latitude: number; readonly longitude: number };
  };
  const radius = ((resource['extension'] ?? []) as Extension[]).find(({ url }) => url === RADIUS)?.valueDecimal;
  const phone = ((resource['telecom'] ?? []) as Contact[]).find(({ system }) => system === 'phone')?.value;
  const parts = ADDRESS_PARTS.filter((part) => address?.[part] !== undefined).map((part) => [part, address?.[part]]);
  return {
    id,
    name: name ?? '',
    active: status !== 'inactive',
    ...(phone === undefined ? {} : { phone }),
    ...(parts.length === 0 ? {} : { address: Object.fromEntries(parts) as object }),
    ...(position === undefined ? {} : { position: { latitude: position.latitude, longitude: position.longitude } }),
    ...(radius === undefined ? {} : { checkInRadius: radius }),
  };
}
