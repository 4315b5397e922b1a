import type { Column } from '../columns.ts';

export interface ResourceGroup {
  readonly column: Column;
  /** Resource types; none for what isn't kept as FHIR. */
  readonly types: readonly string[];
  /** By type: search criteria that its resources meet to be of the group. */
  readonly only?: Readonly<Record<string, string>>;
  /** The most that anyone may do, whatever the role or scope; all five letters where absent. */
  readonly most?: string;
  /** In plain words, as consent pages and `docs/permissions.md` say it. */
  readonly words: { readonly en: string; readonly hi: string };
}

export type GroupTable = Readonly<Record<string, ResourceGroup>>;
