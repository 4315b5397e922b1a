/** Search cases as data: what is stored, what is asked, what is found. */
import type { JsonObject } from '../../../src/fhir/model/json.ts';

export type Fixture = JsonObject & { readonly resourceType: string; readonly id: string };

export interface SearchCase {
  /** `Patient?name=x`; `?_type=Patient` over all types. */
  readonly search: string;
  /** Ids of the matches. In their order where the search sorts, otherwise as a set. */
  readonly finds: readonly string[];
  /** The tree that it is parsed to, printed. */
  readonly tree?: string;
}
