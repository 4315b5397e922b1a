/** Staff of a clinic as plain JSON: a PractitionerRole with its Practitioner, whether or not they have an account. */
import { Type, type Static } from 'typebox';
import { detailsOf, ROLE_SYSTEM } from '../accounts/people.ts';
import type { Resource } from '../accounts/resources.ts';
import { closed, text } from '../../api/schemas.ts';
import { Email, Name, Phone, RoleName } from '../accounts/schemas.ts';

const shared = {
  ...Name,
  email: Type.Optional(Email),
  phone: Type.Optional(Phone),
  specialty: Type.Optional(text(200, 'In words')),
  qualification: Type.Optional(text(200, 'In words')),
};
/** What they are called by; what they may do is the role of their account. */
export const StaffInput = closed({ ...shared, role: Type.Optional(RoleName), active: Type.Optional(Type.Boolean()) });
export const StaffView = closed({
  id: text(64),
  practitioner: Type.Optional(text(80)),
  name: Type.String(),
  givenName: Type.Optional(Type.String()),
  familyName: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  phone: Type.Optional(Type.String()),
  specialty: Type.Optional(Type.String()),
  qualification: Type.Optional(Type.String()),
  role: Type.Optional(Type.String()),
  active: Type.Boolean(),
});
type Input = Static<typeof StaffInput>;

interface Concept {
  readonly text?: string;
  readonly coding?: readonly { readonly system?: string; readonly code?: string; readonly display?: string }[];
}

/** The pair, with what the plain form doesn't know of as it is. */
export function toStaff(
  ids: { readonly role: string; readonly practitioner: string },
  clinic: string,
  input: Input,
  before: { readonly role?: Resource; readonly practitioner?: Resource },
): [role: Resource, practitioner: Resource] {
  const { active = true, specialty, qualification, role } = input;
  const person = before.practitioner ?? { resourceType: 'Practitioner', id: ids.practitioner };
  const others = ((before.role?.['code'] ?? []) as Concept[]).filter((c) => codeOf(c) === undefined);
  const code = role === undefined ? before.role?.['code'] : [...others, { coding: [{ system: ROLE_SYSTEM, code: role }] }];
  return [
    {
      ...(before.role ?? { resourceType: 'PractitionerRole', id: ids.role }),
      active,
      practitioner: { reference: `Practitioner/${ids.practitioner}` },
      organization: { reference: `Organization/${clinic}` },
      ...(code === undefined ? {} : { code }),
      ...worded('specialty', specialty),
    },
    {
      ...person,
      active,
      ...detailsOf(person, input),
      ...(qualification === undefined ? {} : { qualification: [{ code: { text: qualification } }] }),
    },
  ];
}

const worded = (element: string, words: string | undefined): object => (words === undefined ? {} : { [element]: [{ text: words }] });

const codeOf = (concept: Concept): string | undefined => concept.coding?.find(({ system }) => system === ROLE_SYSTEM)?.code;

const wordsOf = (concept: Concept | undefined): string | undefined =>
  concept?.text ?? concept?.coding?.[0]?.display ?? concept?.coding?.[0]?.code;

interface HumanName {
  readonly text?: string;
  readonly given?: readonly string[];
  readonly family?: string;
}
interface Contact {
  readonly system?: string;
  readonly value?: string;
}

/** The id of the Practitioner that a role names, where it names one of this server. */
export function practitionerIdOf(role: Resource): string | undefined {
  const { reference } = (role['practitioner'] ?? {}) as { readonly reference?: string };
  return /^Practitioner\/([A-Za-z0-9\-.]{1,64})$/.exec(reference ?? '')?.[1];
}

export function fromStaff(role: Resource, practitioner: Resource | undefined): object {
  const [name] = (practitioner?.['name'] ?? []) as HumanName[];
  const telecom = (practitioner?.['telecom'] ?? []) as Contact[];
  const contact = (system: string): string | undefined => telecom.find((t) => t.system === system)?.value;
  const [qualification] = (practitioner?.['qualification'] ?? []) as { readonly code?: Concept }[];
  const shown = {
    id: role.id,
    practitioner: practitioner && `Practitioner/${practitioner.id}`,
    name: name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(' '),
    givenName: name?.given?.join(' '),
    familyName: name?.family,
    email: contact('email'),
    phone: contact('phone'),
    specialty: wordsOf(((role['specialty'] ?? []) as Concept[])[0]),
    qualification: wordsOf(qualification?.code),
    role: ((role['code'] ?? []) as Concept[]).map(codeOf).find((code) => code !== undefined),
    active: role['active'] !== false,
  };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
}
