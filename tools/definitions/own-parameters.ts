/** Search parameters that R4 doesn't have and permission needs. */
import { CANONICAL_BASE } from '../../src/fhir/model/canonical.ts';
import type { SearchParameterModel } from '../../src/fhir/model/types.ts';

export const OWN_PARAMETERS: readonly SearchParameterModel[] = [
  {
    url: `${CANONICAL_BASE}/SearchParameter/Binary-security-context`,
    code: 'security-context',
    type: 'reference',
    base: ['Binary'],
    expression: 'Binary.securityContext',
  },
];
