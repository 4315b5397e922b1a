/** What the work on texts needs: the same in each thread, made where the thread begins. */
import type { Definitions } from '../model/definitions.ts';
import { parseJson, type JsonDocument, type JsonLimits } from '../model/json.ts';
import type { PathLocator } from '../patch/locate.ts';
import type { Extractor } from '../search/values/index.ts';
import type { Validator } from '../validation/index.ts';

export interface WorkTools {
  readonly definitions: Definitions;
  readonly extractor: Extractor;
  readonly validator: Validator;
  /** Evaluates the paths of FHIRPath Patch. */
  readonly locator: PathLocator;
}

/** A resource as it came: its text, or parsed already where that is small. */
export type Source = { readonly bytes: Uint8Array } | { readonly document: JsonDocument };

/** Our own texts were checked when they came in. */
export const UNLIMITED: JsonLimits = { depth: Infinity, keys: Infinity };

/** Throws `invalid-json`, `too-large`. */
export const documentOf = (source: Source, limits: JsonLimits): JsonDocument =>
  'document' in source ? source.document : parseJson(source.bytes, limits);

/** Bytes to be read; nothing for what is parsed already. */
export const sizeOf = (source: Source): number => ('document' in source ? 0 : source.bytes.length);
