/** Names that carry their meaning: a `ClinicId` is not any string. Made only by the functions here, at the edge. */
declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** The wall between tenants: the first part of every key, index and filter. */
export type ClinicId = Branded<string, 'ClinicId'>;
/** The logical id of a resource (`Resource.id`). */
export type ResourceId = Branded<string, 'ResourceId'>;
/** Name of a resource type that R4 defines, `Patient`. */
export type ResourceType = Branded<string, 'ResourceType'>;
/** A clinic's counter of changes: 1, 2, 3, …; a change has one number, never given twice. */
export type Seq = Branded<number, 'Seq'>;

/** https://hl7.org/fhir/R4/datatypes.html#id */
const FHIR_ID = /^[A-Za-z0-9\-.]{1,64}$/;

export const isResourceId = (text: string): text is ResourceId => FHIR_ID.test(text);
export const isClinicId = (text: string): text is ClinicId => FHIR_ID.test(text);

/** For ids that are known to be good: from the store, from `IdSource`, or checked before. */
export const asClinicId = (text: string): ClinicId => text as ClinicId;
export const asResourceId = (text: string): ResourceId => text as ResourceId;
export const asResourceType = (text: string): ResourceType => text as ResourceType;
export const asSeq = (number: number): Seq => number as Seq;

/** `Patient/123` in parts. */
export interface ResourceKey {
  readonly type: ResourceType;
  readonly id: ResourceId;
}
