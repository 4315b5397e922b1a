/** The R4 definitions, loaded from the file that `npm run build:definitions` writes. */
import { readFileSync } from 'node:fs';
import type { DefinitionsModel, ElementModel, TypeModel } from './types.ts';

/** Type models with their elements by JSON property. */
export interface Definitions extends DefinitionsModel {
  /** Names of all resource types that can be stored (not `Resource`, not `DomainResource`). */
  readonly resourceTypes: ReadonlySet<string>;
  /** The elements of a type by JSON property; undefined for a type that R4 doesn't have. */
  elementsOf(type: string): ReadonlyMap<string, ElementModel> | undefined;
}

/** Reads and indexes the definitions. Costs some 20 ms: the composition root and test set-ups call it once. */
export function loadDefinitions(): Definitions {
  const file = new URL('../../../generated/r4.json', import.meta.url);
  const model = JSON.parse(readFileSync(file, 'utf8')) as DefinitionsModel;
  const concrete = Object.values(model.types).filter((t) => t.kind === 'resource' && !t.abstract);
  const elements = new Map<string, ReadonlyMap<string, ElementModel>>();
  return {
    ...model,
    resourceTypes: new Set(concrete.map((t) => t.name)),
    elementsOf(type) {
      const known = elements.get(type);
      if (known) return known;
      const definition: TypeModel | undefined = Object.hasOwn(model.types, type) ? model.types[type] : undefined;
      if (!definition) return undefined;
      const byName = new Map(definition.elements.map((e) => [e.name, e]));
      elements.set(type, byName);
      return byName;
    },
  };
}
