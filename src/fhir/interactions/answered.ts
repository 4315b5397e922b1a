/** What interactions answered, for those within the server that ask them. */
import type { FhirResponse } from './message.ts';

/** The resource of an answer that has one. `T` is what the caller asked for. */
export const resourceIn = <T>({ body = [] }: FhirResponse): T => JSON.parse(Buffer.concat(body).toString()) as T;

export interface FoundPage<T> {
  /** What was found and what was included with it, without notes of the server. */
  readonly resources: readonly T[];
  /** For the next page. */
  readonly cursor?: string;
}

interface SearchBundle<T> {
  readonly entry?: readonly { readonly resource: T; readonly search?: { readonly mode: string } }[];
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
}

/** The page that a search answered. */
export function pageIn<T>(response: FhirResponse): FoundPage<T> {
  const { entry = [], link = [] } = resourceIn<SearchBundle<T>>(response);
  const next = link.find(({ relation }) => relation === 'next')?.url;
  const cursor = next === undefined ? null : new URLSearchParams(next.slice(next.indexOf('?') + 1)).get('_cursor');
  const resources = entry.filter(({ search }) => search?.mode !== 'outcome').map(({ resource }) => resource);
  return cursor === null ? { resources } : { resources, cursor };
}
