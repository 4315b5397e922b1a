/** Turns the official SearchParameters into the compact list that the search registry loads. */
import type { SearchParameter } from '@medplum/fhirtypes';
import type { SearchParameterModel } from '../../src/fhir/model/types.ts';

export function buildSearchParameters(parameters: readonly SearchParameter[]): SearchParameterModel[] {
  return parameters
    .filter((p) => p.expression !== undefined)
    .map((p) => ({
      url: p.url,
      code: p.code,
      type: p.type,
      base: p.base,
      expression: p.expression as string,
      ...(p.target ? { targets: p.target } : {}),
      ...(p.component ? { components: p.component.map((c) => ({ definition: c.definition, expression: c.expression })) } : {}),
    }));
}
