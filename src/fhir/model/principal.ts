import type { ClinicId } from './ids.ts';

/** Who asks: made from the token (or, with `AUTH=none`, the system client of the bootstrap clinic). */
export interface Principal {
  /** What is written into versions as the author: `Practitioner/1`, `Device/import`, a client's id. */
  readonly subject: string;
  readonly clinic: ClinicId;
  /** The OAuth client, where there is one. */
  readonly client?: string;
}

/**
 * What a principal may see of a type. `Filter` is a search tree: it is ANDed into everything that ranges over
 * resources. A type it doesn't know is denied: `none`.
 */
export interface AccessFilter<Filter> {
  restrict(type: string): Filter | 'all' | 'none';
}
