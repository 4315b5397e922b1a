/** What belongs to nobody by itself, and goes with the resources that it is for: Binaries that they show, Provenances of them. */
import type { ResourceKey } from '../../fhir/model/ids.ts';
import { isJsonObject, type JsonObject } from '../../fhir/model/json.ts';
import type { StoredVersion } from '../../fhir/store/port.ts';
import { resourceOf } from '../events/patients.ts';

interface Dependant {
  readonly key: ResourceKey;
  readonly seqs: number[];
  /** `Observation/17` for each that it is for. */
  readonly of: Set<string>;
}

export interface Dependants {
  look(version: StoredVersion): void;
  /** Those that are for none but these. */
  soleOf(names: ReadonlySet<string>): readonly Omit<Dependant, 'of'>[];
}

const BINARY = /Binary\/([A-Za-z0-9\-.]{1,64})/g;

export function createDependants(): Dependants {
  const versions = new Map<string, Omit<Dependant, 'of'>>();
  const owners = new Map<string, Set<string>>();
  const belongs = (name: string, owner: string): void => void owners.set(name, (owners.get(name) ?? new Set()).add(owner));
  return {
    look(version) {
      const { type, id, seq, body } = version;
      const name = `${type}/${id}`;
      if (type === 'Binary' || type === 'Provenance') {
        const known = versions.get(name) ?? { key: { type, id }, seqs: [] };
        versions.set(name, known);
        known.seqs.push(seq);
      }
      if (type === 'Provenance' && body.length > 0) targetsOf(resourceOf(body)).forEach((target) => belongs(name, target));
      if (type === 'Binary') return;
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      if (bytes.includes('Binary/')) for (const [, binary = ''] of bytes.toString().matchAll(BINARY)) belongs(`Binary/${binary}`, name);
    },
    soleOf(names) {
      return [...versions].flatMap(([name, found]) => {
        const of = owners.get(name);
        return of && [...of].every((owner) => names.has(owner)) ? [found] : [];
      });
    },
  };
}

/** https://hl7.org/fhir/R4/provenance-definitions.html#Provenance.target */
function targetsOf({ target }: JsonObject): string[] {
  const references = (Array.isArray(target) ? target : []).filter(isJsonObject).map(({ reference }) => reference);
  return references.filter((reference) => typeof reference === 'string').map((reference) => reference.split('/_history/', 1)[0] ?? '');
}
