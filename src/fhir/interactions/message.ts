/** An interaction turns a request value into a response value; HTTP and batch entries both come this way. */
import type { AccessFilter, Principal } from '../model/principal.ts';
import type { JsonDocument } from '../model/json.ts';
import type { Node } from '../search/ast.ts';

export interface FhirRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path segments below the FHIR base, decoded: `['Patient', '1', '_history']`. */
  readonly path: readonly string[];
  /** The query string without `?`, as sent; for POST _search the form is appended to it. */
  readonly query: string;
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** JSON as sent (XML was turned into JSON at the edge). */
  readonly body?: Uint8Array;
  /** The body where it is parsed already, as that of a bundle's entry: counts in place of `body`. */
  readonly document?: JsonDocument;
  readonly context: RequestContext;
}

export interface RequestContext {
  readonly principal: Principal;
  readonly access: AccessFilter<Node>;
  readonly requestId: string;
  /** The FHIR base the client used, without a final slash: what `fullUrl`, `Location` and links start with. */
  readonly baseUrl: string;
  /** Milliseconds since 1970, after which the request is given up. */
  readonly deadline: number;
  /** Told of each entry of a bundle that went through the router; of one that came twice, the last counts. */
  readonly note?: (index: number, entry: NotedEntry) => void;
}

export interface NotedEntry extends Pick<FhirRequest, 'method' | 'path' | 'query'> {
  readonly status: number;
  readonly headers?: FhirResponse['headers'];
}

export interface FhirResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON in UTF-8, in pieces that are sent one after another. Absent: no body. */
  readonly body?: readonly Uint8Array[];
}
