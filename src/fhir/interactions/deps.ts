/** What every interaction is handed: made once in the composition root. */
import type { Clock } from '../../platform/clock.ts';
import type { IdSource } from '../../platform/ids.ts';
import type { Definitions } from '../model/definitions.ts';
import type { ClinicId } from '../model/ids.ts';
import type { Sealer } from '../search/cursor.ts';
import type { SearchRegistry } from '../search/registry.ts';
import type { Extractor } from '../search/values/index.ts';
import type { Units } from '../search/values/normalise/units.ts';
import type { FhirStore } from '../store/port.ts';
import type { Validator } from '../validation/index.ts';
import type { JsonLimits } from '../model/json.ts';
import type { Work } from '../work/work.ts';

export interface FhirDeps {
  readonly store: FhirStore;
  readonly definitions: Definitions;
  readonly registry: SearchRegistry;
  readonly extractor: Extractor;
  readonly units: Units;
  readonly validator: Validator;
  /** Reads and rewrites texts, large ones in a thread of their own. */
  readonly work: Work;
  readonly clock: Clock;
  readonly newId: IdSource;
  readonly sealer: Sealer;
  /** IANA name of the zone that dates without a zone are in. */
  readonly timeZoneOf: (clinic: ClinicId) => string;
  readonly limits: Limits;
}

/** Bounds on what one request may cost. */
export interface Limits {
  readonly maxResourceBytes: number;
  /** Values that one resource can be searched by; a component counts with its parts. */
  readonly maxIndexEntries: number;
  readonly maxBundleBytes: number;
  readonly maxBundleEntries: number;
  /** Nesting of JSON. */
  readonly maxDepth: number;
  /** Properties in one JSON document. */
  readonly maxKeys: number;
  readonly maxCount: number;
  readonly defaultCount: number;
  /** After how many milliseconds a query is cut off. */
  readonly searchMs: number;
  /** How often a write is planned anew when what its condition matches has changed meanwhile. */
  readonly maxWriteAttempts: number;
  /** Milliseconds that a body may take beside those that its bytes earn it. */
  readonly bodyGraceMs: number;
}

/** Of the text of one resource. */
export const limitsOf = ({ limits }: Pick<FhirDeps, 'limits'>): JsonLimits => ({ depth: limits.maxDepth, keys: limits.maxKeys });

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  maxResourceBytes: 8 * MIB,
  maxIndexEntries: 15_000,
  maxBundleBytes: 64_000_000,
  maxBundleEntries: 10_000,
  maxDepth: 100,
  maxKeys: 500_000,
  maxCount: 1000,
  defaultCount: 20,
  searchMs: 15_000,
  maxWriteAttempts: 20,
  bodyGraceMs: 20_000,
};
