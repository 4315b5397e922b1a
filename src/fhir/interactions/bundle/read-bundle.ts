/** From the bytes of a Bundle to its entries, in slices of the event loop. */
import { BUNDLE_LIMITS, entriesOf, splitBundle, type BundleParts } from '../../model/json/bundle.ts';
import { isJsonArray, type JsonLimits, type JsonObject } from '../../model/json.ts';
import { FhirError, fhirError } from '../../outcome/error.ts';
import type { FhirDeps } from '../deps.ts';
import type { Call } from '../router.ts';
import { readEntry, type BundleEntry } from './entry.ts';

/** Cuts the body into entries. Throws for what is no Bundle or has too many entries. */
export async function openBundle(call: Call): Promise<BundleParts> {
  const { deps, request } = call;
  if (!request.body || request.body.length === 0)
    throw fhirError('invalid-structure', 'a Bundle is expected', 'Send a batch or transaction Bundle.', 'body');
  const parts = await splitBundle(request.body, {
    ...BUNDLE_LIMITS,
    ...jsonLimits(deps),
    entryBytes: deps.limits.maxResourceBytes + ENTRY_SLACK,
    entries: deps.limits.maxBundleEntries,
  });
  if (parts.head.value['resourceType'] !== 'Bundle') {
    throw fhirError('invalid-structure', 'only a Bundle is taken at the base', 'Send a resource to the URL of its type.', 'resourceType');
  }
  checkHead(deps, parts.head.value);
  return parts;
}

/** What is around the entries. A list of none is taken for no list. */
function checkHead(deps: FhirDeps, head: JsonObject): void {
  const { entry, ...rest } = head;
  const issues = deps.validator.check(isJsonArray(entry) && entry.length === 0 ? rest : head);
  if (issues.some((i) => i.severity === 'error')) throw new FhirError(issues);
}

/** An entry is a resource with its request. */
const ENTRY_SLACK = 65_536;
/** An entry puts a resource two levels deeper. */
const ENTRY_DEPTH = 2;

const jsonLimits = ({ limits }: FhirDeps): JsonLimits => ({ depth: limits.maxDepth + ENTRY_DEPTH, keys: limits.maxKeys });

/** Parses the entries, anew at each call. */
export async function readEntries(call: Call, parts: BundleParts): Promise<BundleEntry[]> {
  const entries: BundleEntry[] = [];
  const { baseUrl } = call.request.context;
  for await (const document of entriesOf(parts.entries, jsonLimits(call.deps))) entries.push(readEntry(document, entries.length, baseUrl));
  return entries;
}
