/** From the bytes of a Bundle to its entries, in slices of the event loop. */
import { BUNDLE_LIMITS, parseEntry, splitBundle, type BundleParts } from '../../model/json/bundle.ts';
import { cutMember, isJsonArray, type JsonLimits, type JsonObject } from '../../model/json.ts';
import { createSlice, type Slice } from '../../model/slices.ts';
import { FhirError, fhirError } from '../../outcome/error.ts';
import type { FhirDeps } from '../deps.ts';
import { LARGE_TEXT } from '../../work/work.ts';
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

/** Parses the entries, anew at each call; but not large resources in them. */
export async function readEntries(call: Call, parts: BundleParts): Promise<BundleEntry[]> {
  const entries: BundleEntry[] = [];
  const { baseUrl } = call.request.context;
  const limits = jsonLimits(call.deps);
  const slice = createSlice();
  for (const [index, bytes] of parts.entries.entries()) {
    const read = bytes.length < LARGE_TEXT ? readEntry(parseEntry(bytes, index, limits), index, baseUrl) : undefined;
    entries.push(read ?? (await readLarge(bytes, index, baseUrl, limits, slice)));
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return entries;
}

async function readLarge(bytes: Uint8Array, index: number, baseUrl: string, limits: JsonLimits, slice: Slice): Promise<BundleEntry> {
  const { rest, member } = await cutMember(bytes, 'resource', limits, slice);
  return readEntry(parseEntry(rest, index, limits), index, baseUrl, member);
}
