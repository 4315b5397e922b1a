/** FHIR resources that accounts, clinics and staff stand in: read and written through the interactions, like anyone's. */
import type { Dispatch, FhirRequest, FhirResponse } from '../../fhir/index.ts';
import { pageIn, resourceIn, type FoundPage } from '../../fhir/interactions/answered.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import { ALL_ACCESS, type Principal } from '../../fhir/model/principal.ts';
import { FhirError } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';

export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** In whose name something is written, from which request. The permission was decided by the route. */
export interface Author {
  readonly principal: Principal;
  readonly requestId: string;
  /** The public address without a final slash. */
  readonly publicUrl: string;
}

export interface Versioned {
  readonly resource: Resource;
  readonly etag: string;
}

export type Page = FoundPage<Resource>;

export interface Resources {
  /** Undefined for what isn't there, or was deleted. */
  read(author: Author, type: string, id: string): Promise<Versioned | undefined>;
  /** Creates or replaces; throws `precondition-failed` if it isn't at the version that `ifMatch` names. */
  put(author: Author, resource: Resource, ifMatch?: string): Promise<Versioned>;
  remove(author: Author, type: string, id: string, ifMatch?: string): Promise<void>;
  /** All of them or none; `ifMatch` guards the first. */
  putAll(author: Author, resources: readonly Resource[], ifMatch?: string): Promise<void>;
  /** `query` as in a URL. */
  search(author: Author, type: string, query: string): Promise<Page>;
}

/** The server itself, in a clinic. */
export const serverAuthor = (clinic: ClinicId, publicUrl: string, requestId: string): Author => ({
  principal: { subject: 'Device/system', clinic },
  requestId,
  publicUrl,
});

const WITHIN_MS = 30_000;

export function createResources(dispatch: Dispatch, clock: Clock): Resources {
  const ask = async (author: Author, request: Partial<FhirRequest> & Pick<FhirRequest, 'method' | 'path'>): Promise<FhirResponse> =>
    dispatch({
      query: '',
      headers: {},
      ...request,
      context: {
        principal: author.principal,
        access: ALL_ACCESS,
        requestId: author.requestId,
        baseUrl: `${author.publicUrl}/fhir/R4`,
        deadline: clock.now() + WITHIN_MS,
      },
    });
  return {
    async read(author, type, id) {
      try {
        return versioned(await ask(author, { method: 'GET', path: [type, id] }));
      } catch (error) {
        if (error instanceof FhirError && ['not-found', 'gone', 'invalid-value'].includes(error.kind)) return undefined;
        throw error;
      }
    },
    put: async (author, resource, ifMatch) =>
      versioned(await ask(author, { method: 'PUT', path: [resource.resourceType, resource.id], ...content(resource, ifMatch) })),
    async remove(author, type, id, ifMatch) {
      await ask(author, { method: 'DELETE', path: [type, id], headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } });
    },
    async putAll(author, resources, ifMatch) {
      await ask(author, { method: 'POST', path: [], ...content(transactionOf(resources, ifMatch)) });
    },
    search: async (author, type, query) => pageIn<Resource>(await ask(author, { method: 'GET', path: [type], query })),
  };
}

function content(value: unknown, ifMatch?: string): Pick<FhirRequest, 'headers' | 'body'> {
  const headers = { 'content-type': 'application/fhir+json', prefer: 'return=representation' };
  return { headers: ifMatch === undefined ? headers : { ...headers, 'if-match': ifMatch }, body: Buffer.from(JSON.stringify(value)) };
}

const transactionOf = (resources: readonly Resource[], ifMatch: string | undefined): object => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map((resource, i) => ({
    resource,
    request: {
      method: 'PUT',
      url: `${resource.resourceType}/${resource.id}`,
      ...(i === 0 && ifMatch !== undefined ? { ifMatch } : {}),
    },
  })),
});

const versioned = (response: FhirResponse): Versioned => ({
  resource: resourceIn<Resource>(response),
  etag: response.headers['ETag'] ?? '',
});
