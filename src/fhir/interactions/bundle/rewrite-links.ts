/** Puts into a resource what its links become: https://hl7.org/fhir/R4/http.html#trules */
import type { LinkKind } from '../../work/links.ts';
import type { Source } from '../../work/tools.ts';
import { limitsOf } from '../deps.ts';
import type { Call } from '../router.ts';
import type { BundleEntry } from './entry.ts';
import type { Links } from './resolve-links.ts';

/** The same source where nothing changes. Throws or rejects with `invalid-reference`. */
export function withLinks(call: Call, entry: BundleEntry, source: Source, links: Links): Source | Promise<Source> {
  const { work } = call.deps;
  const limits = limitsOf(call.deps);
  const found = links.foundIn.get(entry.index);
  if (found === undefined) return source;
  const becomes = (kind: LinkKind): Map<string, string> => {
    const targets = new Map<string, string>();
    for (const link of found[kind]) {
      const target = links.replace(entry, link, kind);
      if (target !== undefined) targets.set(link, target);
    }
    return targets;
  };
  const replacements = { reference: becomes('reference'), uri: becomes('uri') };
  if (replacements.reference.size + replacements.uri.size === 0) return source;
  return work.replaceLinks({ source, limits, replacements });
}
