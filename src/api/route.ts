/**
 * A route of the plain JSON surfaces: one value says what a request must look like, who may send it, and what is
 * answered. Requests are checked by it, permission is decided by it, and `/openapi.json` is made of it.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Static, TObject, TSchema } from 'typebox';
import type { AuditRecord } from '../fhir/model/audit.ts';
import type { Action, AccessFilter, Principal } from '../fhir/model/principal.ts';
import type { FhirError } from '../fhir/outcome/error.ts';
import type { Node } from '../fhir/search/ast.ts';

/** Who may use a route. There is no default: a route without a rule doesn't compile, and one that nobody knows is denied. */
export type RouteRule =
  /** Open to all; the reason stands in the description. */
  | { readonly open: string }
  /**
   * Any person who is signed in with a front end of ours, about themselves: the handler touches nothing but what is the caller's
   * own. Apps may use it where one `scope` is enough, and none otherwise.
   */
  | { readonly own: string; readonly scope?: string }
  /** Whoever the table of roles lets do this to the group. */
  | { readonly group: string; readonly action: Action };

export const isOpen = (rule: RouteRule | undefined): rule is Extract<RouteRule, { readonly open: string }> =>
  rule !== undefined && 'open' in rule;

export type GroupRule = Extract<RouteRule, { readonly group: string }>;
/** What someone who is known is judged by. */
export type ClosedRule = Exclude<RouteRule, { readonly open: string }>;

/** Who asks, as far as a route can know: absent where the route is open. */
export interface ApiIdentity {
  readonly principal: Principal;
  readonly access: AccessFilter<Node>;
  /** The session or grant that the token belongs to. */
  readonly session: string;
  /** The scopes of the token as text. */
  readonly scope: string;
}

export interface ApiCall<Query, Body> {
  /** The variables of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
  /** The caller's network address, behind trusted proxies. */
  readonly address: string;
  /** The public address without a final slash. */
  readonly publicUrl: string;
  /** 32 hex digits that are the same whenever this request is sent again: ids made from it make a repeat harmless. */
  readonly idempotencyToken?: string;
}

/** A call of someone who is known. */
export interface KnownCall<Query, Body> extends ApiCall<Query, Body> {
  readonly identity: ApiIdentity;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** JSON, unless `headers` names another content type and the body is text or bytes. Absent: no body. */
  readonly body?: unknown;
  /** What the audit trail is told beside when and which route; who it was only where the route is open and found that out. */
  readonly audit?: Partial<Pick<AuditRecord, 'target' | 'patient' | 'reason' | 'clinic' | 'subject' | 'account' | 'role' | 'client'>>;
}

export type ApiMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Described {
  readonly method: ApiMethod;
  /** `/users/:id`. A variable `:clinicId` must be the clinic of the token, except for roles that work in all. */
  readonly path: string;
  /** One line: what it does. */
  readonly summary: string;
  /** Heading in the documentation. */
  readonly tag: string;
  /** How the body is sent; JSON unless said. */
  readonly bodyType?: 'application/json' | 'application/x-www-form-urlencoded';
  /** By status: the schema of the JSON, or the media type of anything else, or null for no body. */
  readonly answers: Readonly<Record<number, TSchema | string | null>>;
  /** What it counts as in the audit trail; null: leaves none (health, documentation, discovery). */
  readonly audit: 'rest' | 'login' | 'token' | 'export' | 'configuration' | null;
  /** Answers what is wrong with the request itself where a protocol has errors of its own; else it is a problem (RFC 9457). */
  readonly refuse?: (error: FhirError) => ApiAnswer;
  /** POST routes honour `Idempotency-Key`; false where an answer must not be kept (it holds a token or a secret). */
  readonly replayable?: false;
}

export interface OpenRoute<Query, Body> extends Described {
  readonly rule: { readonly open: string };
  readonly query?: TObject;
  readonly body?: TSchema;
  readonly handle: (call: ApiCall<Query, Body>) => Promise<ApiAnswer>;
}

export interface KnownRoute<Query, Body> extends Described {
  readonly rule: ClosedRule;
  readonly query?: TObject;
  readonly body?: TSchema;
  readonly handle: (call: KnownCall<Query, Body>) => Promise<ApiAnswer>;
}

/** A route whose types have done their work: the handler gets what the schemas let through. */
export type Route = OpenRoute<never, never> | KnownRoute<never, never>;

type Checked<Schema> = Schema extends TSchema ? Static<Schema> : undefined;
type Of<Rule, Query, Body> = Rule extends { readonly open: string } ? ApiCall<Query, Body> : KnownCall<Query, Body>;

/** Declares a route; `query` and `body` of the call have the types of their schemas. */
export function route<Rule extends RouteRule, Query extends TObject | undefined = undefined, Body extends TSchema | undefined = undefined>(
  declared: Described & {
    readonly rule: Rule;
    readonly query?: Query;
    readonly body?: Body;
    readonly handle: (call: Of<Rule, Checked<Query>, Checked<Body>>) => Promise<ApiAnswer>;
  },
): Route {
  return declared as unknown as Route;
}
