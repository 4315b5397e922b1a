/** JSON at the edge: strict on the way in, exact on the way out. */
export { isJsonArray, isJsonObject, resourceTypeOf } from './json/guards.ts';
export type { JsonArray, JsonArrayDocument, JsonDocument, JsonObject, JsonValue } from './json/types.ts';
export { exactNumber, isExactNumber, toDocument, toPlain } from './json/exact.ts';
export type { ExactNumber } from './json/exact.ts';
export { readItems, writeItems } from './json/items.ts';
export type { Item } from './json/items.ts';
export { JSON_LIMITS } from './json/limits.ts';
export type { JsonLimits } from './json/limits.ts';
export { cutMember } from './json/cut.ts';
export { BUNDLE_LIMITS, entriesOf, parseEntry, splitBundle } from './json/bundle.ts';
export type { BundleLimits, BundleParts } from './json/bundle.ts';
export { parseJson, parseJsonArray } from './json/parse.ts';
export { createTokenizer } from './json/tokens.ts';
export type { TokenListener } from './json/tokens.ts';
export { bodyOf, toResourceText } from './json/text.ts';
export type { ResourceText } from './json/text.ts';
