/** Changes for the store. */
import type { ResourceKey } from '../../model/ids.ts';
import type { Delete, Expected, Put, StoredVersion, Trace } from '../../store/port.ts';
import type { Prepared, PrepareRules } from '../../work/prepare.ts';
import type { Source } from '../../work/tools.ts';
import { limitsOf, type FhirDeps } from '../deps.ts';
import type { RequestContext } from '../message.ts';

export interface PutOrder {
  readonly key: ResourceKey;
  readonly expected: Expected;
  readonly interaction: Trace['interaction'];
  readonly bodyId: PrepareRules['bodyId'];
}

/** A resource checked, with its index entries. Throws or rejects with a FhirError with every problem found; at once where the text is small. */
export function preparePut(deps: FhirDeps, context: RequestContext, source: Source, order: PutOrder): Put | Promise<Put> {
  return toPut(context, order, deps.work.prepare({ source, rules: rulesOf(deps, context, order) }));
}

/** What a patch makes of the version. Rejects with what the patch throws, too. */
export async function preparePatched(
  deps: FhirDeps,
  context: RequestContext,
  current: StoredVersion,
  patch: { readonly body: Uint8Array; readonly contentType: string | undefined },
): Promise<Put> {
  const order = { key: current, expected: current.versionId, interaction: 'patch', bodyId: 'any' } as const;
  const { body, contentType } = patch;
  return toPut(context, order, deps.work.patch({ current: current.body, patch: body, contentType, rules: rulesOf(deps, context, order) }));
}

const rulesOf = (deps: FhirDeps, context: RequestContext, { key, bodyId }: PutOrder): PrepareRules => ({
  key: { type: key.type, id: key.id },
  bodyId,
  timeZone: deps.timeZoneOf(context.principal.clinic),
  limits: limitsOf(deps),
  maxBytes: deps.limits.maxResourceBytes,
  maxIndexEntries: deps.limits.maxIndexEntries,
});

function toPut(context: RequestContext, order: PutOrder, prepared: Prepared | Promise<Prepared>): Put | Promise<Put> {
  if (prepared instanceof Promise) return prepared.then((made) => toPut(context, order, made));
  const { key, expected, interaction } = order;
  const { text, entries } = prepared;
  return { op: 'put', type: key.type, id: key.id, expected, text, entries, trace: traceOf(context, interaction) };
}

/** A change that leaves a tombstone. */
export function prepareDelete(context: RequestContext, key: ResourceKey, expected: Expected): Delete {
  return { op: 'delete', type: key.type, id: key.id, expected, trace: traceOf(context, 'delete') };
}

function traceOf(context: RequestContext, interaction: Trace['interaction']): Trace {
  const { subject, client } = context.principal;
  return client === undefined
    ? { subject, requestId: context.requestId, interaction }
    : { subject, client, requestId: context.requestId, interaction };
}
