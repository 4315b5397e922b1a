/** Turns the official SearchParameters into the compact list that the search registry loads. */
import type { SearchParameter } from '@medplum/fhirtypes';
import type { SearchParameterModel } from '../../src/fhir/model/types.ts';

export function buildSearchParameters(parameters: readonly SearchParameter[]): SearchParameterModel[] {
  return parameters
    .filter((p) => p.expression !== undefined)
    .map((p) => ({
      url: p.url as string,
      code: p.code as string,
      type: p.type as SearchParameterModel['type'],
      base: p.base as string[],
      expression: p.expression as string,
      ...(p.target ? { targets: p.target as string[] } : {}),
      ...(p.component
        ? { components: p.component.map((c) => ({ definition: c.definition as string, expression: c.expression as string })) }
        : {}),
    }));
}
