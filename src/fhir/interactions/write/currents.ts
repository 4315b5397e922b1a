/** What changes meet, read in few questions. */
import type { ResourceKey } from '../../model/ids.ts';
import type { StoredVersion } from '../../store/port.ts';
import type { FhirDeps } from '../deps.ts';
import type { RequestContext } from '../message.ts';
import { keyText } from '../permit.ts';

const AT_ONCE = 100;

/** Current versions, tombstones included, by `Type/id`. */
export async function readCurrents(
  { store }: Pick<FhirDeps, 'store'>,
  { principal: { clinic } }: RequestContext,
  keys: readonly ResourceKey[],
): Promise<ReadonlyMap<string, StoredVersion>> {
  const found = new Map<string, StoredVersion>();
  const keep = (versions: readonly (StoredVersion | undefined)[]): void => {
    for (const version of versions) if (version) found.set(keyText(version), version);
  };
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const some = keys.slice(i, i + AT_ONCE).map(({ type, id }) => ({ type, id }));
    if (some.length > 1) keep(await store.readMany(clinic, some));
    // Left over: what is deleted, and what isn't there.
    keep(await Promise.all(some.filter((key) => !found.has(keyText(key))).map((key) => store.read(clinic, key))));
  }
  return found;
}
